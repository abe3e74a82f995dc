import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { AttackedServer } from './describe-attacks.ts'
import type { AttackRoute } from './attack-route.ts'
import { ATTACK_ROUTES } from './attack-routes.ts'
import type { CacheBehind } from './caches-behind.ts'
import { CACHES_BEHIND } from './caches-behind.ts'

/**
 * A vitest suite of what caches make of it that stand behind a response cache and that nobody controls: none gives one
 * client's answer to another.
 *
 * @param mount brings a server with these routes up, as for `describeAttacks`
 */
export function describeBehind(name: string, mount: (routes: readonly AttackRoute[]) => Promise<AttackedServer>): void {
  describe(`caches behind ${name}`, () => {
    let server: AttackedServer
    beforeAll(async () => {
      server = await mount(ATTACK_ROUTES)
    })
    afterAll(() => server.close())

    describe.each(Object.entries(CACHES_BEHIND))('%s', (_, start) => {
      let behind: CacheBehind
      beforeAll(async () => {
        behind = await start(server.origin)
      }, 300_000)
      afterAll(() => behind?.close(), 60_000)

      test('keeps what is for all, so that the tests beside this one prove something', async () => {
        const first = await behind.ask('/bare-for-all', {})
        expect(await behind.ask('/bare-for-all', {})).toBe(first)
      })

      test.each([
        ['a header of the key', '/for-user', 'x-user', 'ann', 'bob'],
        ['a cookie of the key', '/for-cookie', 'cookie', 'lang=de', 'lang=en'],
        ['what is negotiated', '/in-language', 'accept-language', 'de', 'en'],
      ])('does not give one client’s answer to another: %s', async (_what, path, header, ann, bob) => {
        const answers = []
        for (const one of [ann, bob, ann, bob]) answers.push(await behind.ask(path, { [header]: one }))
        expect(answers).toEqual([ann, bob, ann, bob].map((one) => `for ${one}`))
      })
    })
  })
}
