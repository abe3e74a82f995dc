import { fakeClock } from '@shelflife/conformance'
import { expect, test, vi } from 'vitest'
import type { RedisClient } from '../src/redis-client.ts'
import { redisStore } from '../src/redis-store.ts'

/** Answers reads, and of the questions for the time those after the first. */
function forgetful(): RedisClient & { readonly questions: () => number } {
  let questions = 0
  return {
    label: 'forgetful',
    cluster: false,
    ordered: false,
    questions: () => questions,
    async send([name]) {
      if (name === 'MGET') return [null]
      questions++
      return questions === 1 ? new Promise(() => {}) : [1000, 'run', '']
    },
    async close() {},
  }
}

test('a question that is never answered holds up those who ask within a second, and nobody after', async () => {
  const clock = fakeClock(0)
  const client = forgetful()
  const store = redisStore(client, { clock })
  const answered: string[] = []
  const read = (about: string): Promise<unknown> => store.read('key', []).then(() => answered.push(about))
  void read('first')
  // a name of a script is made by another thread
  await vi.waitFor(() => expect(client.questions()).toBe(1))
  clock.advance(999)
  void read('within a second')
  await new Promise(setImmediate)
  expect(answered).toEqual([])

  clock.advance(1)
  await read('after')
  expect([client.questions(), answered]).toEqual([2, ['after']])
  await read('when it is known')
  expect(client.questions()).toBe(2)
})
