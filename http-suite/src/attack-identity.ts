import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import type { AttackClient, Reading } from './attack-client.ts'

const USERS = ['alice', 'nobody', 'bob', 'nobody', 'carol']

/** What a user sends. */
const AS = {
  token: (user: string) => (user === 'nobody' ? {} : { Authorization: `Bearer ${user}` }),
  cookie: (user: string) => (user === 'nobody' ? {} : { Cookie: `theme=dark; user=${user}` }),
}

/** What is Alice's and reaches Bob. */
export function identityAttacks(client: () => AttackClient): void {
  const contents = (answers: readonly Reading[]): readonly string[] => answers.map(({ content }) => content)
  const greetings = USERS.map((user) => `hello ${user}`)

  for (const [what, headersOf] of Object.entries(AS)) {
    test(`the ${what} of one user makes no answer for another`, async () => {
      const answers: Reading[] = []
      for (const user of USERS) answers.push(await client().ask(`/greeting?${what}`, headersOf(user)))
      expect(contents(answers)).toEqual(greetings)
    })

    test(`the ${what} of one among five at once makes no answer for another`, async () => {
      for (const first of USERS) {
        const asked = USERS.map((user) => client().ask(`/greeting?${what}-at-once-${first}`, headersOf(user)))
        expect(contents(await Promise.all(asked))).toEqual(greetings)
      }
    })

    test(`what a handler has looked for the ${what} of one user for makes no answer for another, whatever lifetime it states`, async () => {
      const ask = (user: string) => client().ask(`/stated-greeting?${what}`, headersOf(user))
      const answers: Reading[] = []
      for (const user of USERS) answers.push(await ask(user))
      answers.push(...(await Promise.all(USERS.map(ask))))
      expect(contents(answers)).toEqual([...greetings, ...greetings])
      expect(contents(await Promise.all(USERS.map(ask)))).toEqual(greetings)
    })

    test(`a lasting redirect for the ${what} of one user sends nobody else there`, async () => {
      const before = await client().ask(`/home?${what}`, headersOf('alice'))
      const answers = await Promise.all(USERS.map((user) => client().ask(`/home?${what}`, headersOf(user))))
      expect(before.header('location')).toBe('/home-of-alice')
      expect(answers.map((answer) => answer.header('location'))).toEqual(USERS.map((user) => `/home-of-${user}`))
    })

    test(`what the ${what} of one user was answered is for no cache behind to keep, where the handler says nothing`, async () => {
      const path = `/greeting?kept-${what}`
      await client().ask(path)
      const asked = [{}, { method: 'HEAD' }, {}].map((more) => client().ask(path, headersOf('alice'), more))
      const answers = [...(await Promise.all(asked)), await client().ask(path, headersOf('bob'))]
      expect(answers.map((answer) => answer.header('cache-control'))).toEqual(answers.map(() => 'private, no-cache'))
    })

    test(`a redirect to log in and an account for the ${what} of one user do not change places`, async () => {
      for (const round of [1, 2]) {
        const answers = await Promise.all(USERS.map((user) => client().ask(`/account?${what}`, headersOf(user))))
        const expected = USERS.map((user) => (user === 'nobody' ? 'log in' : `account of ${user}`))
        expect(contents(answers), `round ${round}`).toEqual(expected)
      }
    })
  }

  test('a cookie that is set for one client reaches no other', async () => {
    const answers = [await client().ask('/session'), await client().ask('/session')]
    answers.push(...(await Promise.all(Array.from({ length: 5 }, () => client().ask('/session')))))
    const cookies = answers.map((answer) => answer.header('set-cookie'))
    expect(cookies).not.toContain(undefined)
    expect(new Set(cookies).size).toBe(7)
    expect(new Set(contents(answers)).size).toBe(7)
  })

  test('a handler that is not to know cookies does not know them', async () => {
    const alice = await client().ask('/greeting-without-cookies', AS.cookie('alice'))
    const bob = await client().ask('/greeting-without-cookies', AS.cookie('bob'))
    expect(contents([alice, bob])).toEqual(['hello nobody', 'hello nobody'])
  })

  test('a refresh that one client causes is not made in the name of this client', async () => {
    const { ask } = client()
    expect((await ask('/public-greeting')).content).toBe('hello nobody')
    await sleep(1100)
    await ask('/public-greeting', AS.cookie('alice'))
    await expect.poll(() => client().runs('GET /public-greeting')).toBe(2)
    await sleep(20)
    const answers = [await ask('/public-greeting'), await ask('/public-greeting', AS.cookie('bob'))]
    await expect.poll(async () => (await ask('/public-greeting')).content).toBe('hello nobody')
    expect(contents(answers)).not.toContain('hello alice')
  })
}
