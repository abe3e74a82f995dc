import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createAttackClient } from './attack-client.ts'
import type { AttackedServer } from './describe-attacks.ts'
import type { AttackRoute } from './attack-route.ts'
import { ATTACK_ROUTES } from './attack-routes.ts'
import type { CacheBehind } from './caches-behind.ts'
import { CACHES_BEHIND } from './caches-behind.ts'

/** How names come into the `Vary` of a response that has `*` there from the cache. */
export const NAMED_IN_VARY = ['before', 'late', 'late-in-place', 'by-the-handler'] as const

/** The path of one of them. */
export type NamedInVary = (typeof NAMED_IN_VARY)[number]

interface BehindOptions {
  /** Brings a server with these routes up, as for `describeAttacks`. */
  mount(routes: readonly AttackRoute[]): Promise<AttackedServer>
  /**
   * Brings a server up where something in front leaves a flag if `x-who` is alice, that answers the path of each of
   * `NAMED_IN_VARY` with `for alice` or `for bob` by that flag, by `inputs: 'warn'`, with `Cache-Control: public, max-age=60`.
   */
  mountFlags(): Promise<AttackedServer>
}

/**
 * A vitest suite of what caches make of it that stand behind a response cache and that nobody controls: none gives one
 * client's answer to another.
 */
export function describeBehind(name: string, { mount, mountFlags }: BehindOptions): void {
  describe(`caches behind ${name}`, () => {
    let server: AttackedServer
    let flags: AttackedServer
    beforeAll(async () => {
      server = await mount(ATTACK_ROUTES)
      flags = await mountFlags()
    })
    afterAll(async () => {
      await server.close()
      await flags.close()
    })

    describe.each(NAMED_IN_VARY)('`Vary: *` stands alone where names come %s', (named) => {
      test.each([
        ['looked up', {}],
        ['not looked up', { Authorization: 'Basic eA==' }],
      ])('in what is %s', async (_what, more) => {
        const { ask } = createAttackClient(flags.origin)
        const varies = []
        for (const who of ['alice', 'alice', 'bob', 'bob']) {
          const { lines } = await ask(`/${named}?direct`, { Host: 'a.test', 'x-who': who, ...more })
          varies.push(lines.filter(([field]) => field.toLowerCase() === 'vary').map(([, value]) => value))
        }
        expect(varies).toEqual([['*'], ['*'], ['*'], ['*']])
      })
    })

    test.each([
      ['looked up', {}],
      ['not looked up', { Authorization: 'Basic eA==' }],
    ])(
      'all names are in one line of `Vary`, of which some heed only the first or the last, in what is %s',
      async (_what, more) => {
        const { ask } = createAttackClient(server.origin)
        for (const user of ['ann', 'ann', 'bob']) {
          const { lines } = await ask('/for-named', { Host: 'a.test', 'x-user': user, ...more })
          const varies = lines
            .filter(([field]) => field.toLowerCase() === 'vary')
            .map(([, value]) => value.toLowerCase())
          expect(varies).toEqual(['x-named, x-other, x-user'])
        }
      },
    )

    describe.each(Object.entries(CACHES_BEHIND))('%s', (kind, start) => {
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
        ['what its handler names beside the key', '/for-named', 'x-named', 'ann', 'bob'],
        ['a cookie of the key', '/for-cookie', 'cookie', 'lang=de', 'lang=en'],
        ['what is negotiated', '/in-language', 'accept-language', 'de', 'en'],
      ])('does not give one client’s answer to another: %s', async (_what, path, header, ann, bob) => {
        const answers = []
        for (const one of [ann, bob, ann, bob]) answers.push(await behind.ask(path, { [header]: one }))
        expect(answers).toEqual([ann, bob, ann, bob].map((one) => `for ${one}`))
      })

      test('does not give a guest’s answer to a user, nor one of a user to a guest, where the handler has looked who asks', async () => {
        const answers = []
        const asked = [{}, { cookie: 'user=ann' }, { cookie: 'user=bob' }, {}, { cookie: 'user=ann' }]
        for (const one of asked) answers.push(await behind.ask('/for-cookie-undeclared', one))
        expect(answers).toEqual(asked.map(({ cookie }) => `for ${cookie}`))
      })

      // a browser is one client's, and goes by what the handler tells it
      test.skipIf(kind === 'Chromium').each([
        ['what shows who asks', '/for-key', 'x-api-key'],
        ['what nothing tells apart', '/for-plan', 'x-plan'],
      ])('keeps none of what is not stored, for all that its handler states: %s', async (_what, path, header) => {
        const answers = []
        for (const one of ['ann', 'bob', 'ann']) answers.push(await behind.ask(path, { [header]: one }))
        expect(answers).toEqual(['for ann', 'for bob', 'for ann'])
      })

      describe.each([
        ['what is looked up', {}],
        ['what is not', { authorization: 'Basic eA==' }],
      ])('does not give what was left in front for one client to another: %s', (_what, more) => {
        let proxy: CacheBehind
        beforeAll(async () => {
          proxy = await start(flags.origin)
        }, 300_000)
        afterAll(() => proxy?.close(), 60_000)

        test.each(NAMED_IN_VARY)('names come %s', async (named) => {
          const users = ['alice', 'bob', 'alice', 'bob']
          const answers = []
          for (const who of users) answers.push(await proxy.ask(`/${named}`, { 'x-who': who, ...more }))
          expect(answers).toEqual(users.map((who) => `for ${who}`))
        })
      })
    })
  })
}
