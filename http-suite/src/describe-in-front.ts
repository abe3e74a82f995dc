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

/** How a handler asks whether something is there. */
export const QUESTIONS = {
  'by its value': (object: Loose, name: string) => object[name] !== undefined,
  'by `in`': (object: Loose, name: string) => name in object,
  'as its own': (object: Loose, name: string) => Object.hasOwn(object, name),
  'among all names': (object: Loose, name: string) => Object.keys(object).includes(name),
} as const

type Loose = Readonly<Record<string, unknown>>

const ORDERS = { 'the one': ['alice', 'bob'], 'the other': ['bob', 'alice'] } as const

/** The paths of one place and one question, for each of two orders. */
export const flagPathsOf = (place: string, question: string): readonly string[] =>
  Object.keys(ORDERS).map((order) => `/flag/${slug(place)}/${slug(question)}/${slug(order)}`)

export interface InFrontOptions {
  /** Ways in which something in front of `cache()` can leave for the handler who asks, which `x-who` says. */
  readonly means: readonly string[]
  /**
   * Places where something in front leaves a flag for alice alone. The server answers `flagPathsOf` of each and of each
   * question with `there` or `not there`, with `inputs: 'warn'`: all of it is stored, and only the key keeps it apart.
   */
  readonly places: readonly string[]
  /**
   * Brings a server up that answers `pathOf` of each of them and of each moment with `for WHO`, and `/control` with
   * `for all`.
   */
  readonly mount: () => Promise<AttackedServer>
}

const USERS = ['alice', 'bob', 'carol']

/**
 * A vitest suite: whatever stands in front leaves, by whatever means, and whenever a handler reads it, nobody gets what
 * was made for another. No option says what tells them apart.
 */
export function describeInFront(name: string, { means, places, mount }: InFrontOptions): void {
  describe(`what is left in front of the cache: ${name}`, () => {
    let server: AttackedServer
    let client: AttackClient
    beforeAll(async () => {
      server = await mount()
      client = createAttackClient(server.origin)
    })
    afterAll(() => server.close())

    const askWith = async (path: string, who: string): Promise<readonly [content: string, isHit: boolean]> => {
      const { content, lines } = await client.ask(path, { Host: 'a.test', 'x-who': who })
      const status = lines.find(([field]) => field.toLowerCase() === 'cache-status')?.[1] ?? ''
      return [content, status.startsWith('shelflife;hit')]
    }
    const ask = async (path: string, who: string): Promise<string> => (await askWith(path, who))[0]

    test('what nothing of that is read for is stored, so that the tests below prove something', async () => {
      await ask('/control', 'alice')
      expect(await askWith('/control', 'bob')).toEqual(['for all', true])
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

    test.each(places)('what a flag in %s has chosen is for nobody behind to keep', async (place) => {
      const [path = ''] = flagPathsOf(place, 'by its value')
      const tell = async (who: string, method: string, more: Readonly<Record<string, string>> = {}) => {
        const { lines, status } = await client.ask(
          `${path}?told`,
          { Host: 'a.test', 'x-who': who, ...more },
          { method },
        )
        const valueOf = (name: string) => lines.find(([field]) => field.toLowerCase() === name)?.[1] ?? ''
        const isUntold = valueOf('vary').split(/, */).includes('*') && valueOf('cache-control') === 'private, no-cache'
        return [who, method, status, isUntold, valueOf('etag')] as const
      }
      await tell('alice', 'GET')
      for (const who of ['alice', 'bob']) {
        for (const method of ['GET', 'GET', 'HEAD']) expect((await tell(who, method)).slice(2, 4)).toEqual([200, true])
        const [, , , , etag] = await tell(who, 'GET')
        expect((await tell(who, 'GET', { 'If-None-Match': etag })).slice(2, 4)).toEqual([304, true])
      }
    })

    const questions = Object.keys(QUESTIONS)
    test.each(places.flatMap((place) => questions.map((question) => [place, question] as const)))(
      'a flag for some clients only in %s, looked for %s',
      async (place, question) => {
        const orders = Object.values(ORDERS)
        for (const [at, path] of flagPathsOf(place, question).entries()) {
          const order = orders[at] ?? []
          for (const isHit of [false, true]) {
            for (const who of order) {
              expect([who, ...(await askWith(path, who))]).toEqual([
                who,
                who === 'alice' ? 'there' : 'not there',
                isHit,
              ])
            }
          }
        }
      },
    )
  })
}
