import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { createAttackClient } from './attack-client.ts'
import type { AttackedServer } from './describe-attacks.ts'

/** When a handler reads what was left for it. */
export const MOMENTS = ['at once', 'later', 'while it sends', 'after an error'] as const

export type Moment = (typeof MOMENTS)[number]

const slug = (text: string): string => text.replaceAll(/[^a-z]+/g, '-')

/** The path of one pair. */
export const pathOf = (means: string, moment: Moment): string => `/${slug(means)}/${slug(moment)}`

export interface InFrontOptions {
  /** Ways in which something in front of `cache()` can leave for the handler who asks, which `x-who` says. */
  readonly means: readonly string[]
  /** Brings a server up that answers `pathOf` of each of them and of each moment with `for WHO`, and `/control` with `for all`. */
  readonly mount: () => Promise<AttackedServer>
}

const USERS = ['alice', 'bob', 'carol']

/**
 * A vitest suite: whatever stands in front leaves, by whatever means, and whenever a handler reads it, nobody gets what was
 * made for another. No option says anything about it.
 */
export function describeInFront(name: string, { means, mount }: InFrontOptions): void {
  describe(`what is left in front of the cache: ${name}`, () => {
    let server: AttackedServer
    let client: AttackClient
    beforeAll(async () => {
      server = await mount()
      client = createAttackClient(server.origin)
    })
    afterAll(() => server.close())

    const ask = async (path: string, who: string): Promise<string> =>
      (await client.ask(path, { Host: 'a.test', 'x-who': who })).content

    test('what nothing of that is read for is stored, so that the tests below prove something', async () => {
      await ask('/control', 'alice')
      const { lines } = await client.ask('/control', { Host: 'a.test', 'x-who': 'bob' })
      expect(lines.find(([field]) => field.toLowerCase() === 'cache-status')?.[1]).toMatch(/^shelflife;hit/)
    })

    test.each(means.flatMap((one) => MOMENTS.map((moment) => [one, moment] as const)))(
      '%s, read %s',
      async (one, moment) => {
        const path = pathOf(one, moment)
        for (const who of [...USERS, ...USERS]) expect(await ask(path, who)).toBe(`for ${who}`)
        const crowd = Array.from({ length: 12 }, (_, i) => USERS[i % USERS.length] ?? '')
        const answers = await Promise.all(crowd.map((who) => ask(path, who)))
        expect(answers).toEqual(crowd.map((who) => `for ${who}`))
      },
    )
  })
}
