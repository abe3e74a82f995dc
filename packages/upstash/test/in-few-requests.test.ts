import { setImmediate as turn } from 'node:timers/promises'

import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import type { Words } from '../src/in-few-requests.ts'
import { inFewRequests } from '../src/in-few-requests.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Requests that are answered when the test says so; a value is its name, unless another size is told. */
function service() {
  const sent: { readonly words: readonly Words[]; answer(): Promise<void>; fail(error: Error): Promise<void> }[] = []
  const clock = fakeClock()
  let valueOf = bytesOf
  const replyTo = ([command, ...names]: Words): unknown =>
    command === 'MGET' ? names.map((name) => valueOf(name)) : bytesOf(names.join())

  function request<T>(words: readonly Words[], reply: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      sent.push({
        words,
        async answer() {
          resolve(reply())
          await turn()
        },
        async fail(error) {
          reject(error)
          await turn()
        },
      })
    })
  }

  const send = inFewRequests({
    clock,
    isSilence: (error) => error instanceof Error && error.message === 'silence',
    alone: (words) => request([words], () => replyTo(words)),
    together: (all) => request(all, () => all.map((words) => ({ reply: replyTo(words) }))),
  })
  return {
    clock,
    send,
    sent,
    /** What the requests from this one on carried: how many commands each, and of how many names a read. */
    from: (first: number) =>
      sent.slice(first).map(({ words: [one, ...more] }) => {
        if (one?.[0] !== 'MGET') return `${more.length + 1} others`
        return `${one.length - 1} names`
      }),
    values(bytes: number) {
      valueOf = () => new Uint8Array(bytes)
    },
    /** Takes all six places. */
    async fill(words: Words) {
      for (let i = 0; i < 6; i++) send(words).catch(() => {})
      await turn()
    },
  }
}

test('few commands go at once, each in a request of its own', async () => {
  const { send, from } = service()
  for (const words of [['MGET', 'a'], ['UNLINK', 'b'], ['MGET', 'c', 'd'], ['EVALSHA']] as Words[]) void send(words)
  await turn()
  expect(from(0).toSorted()).toEqual(['1 names', '1 others', '1 others', '2 names'])
})

test('what waits for a place goes together however reads and others alternate, and each gets its own', async () => {
  const { send, sent, from, fill } = service()
  await fill(['EVALSHA'])
  const replies = Array.from({ length: 20 }, (_, i) =>
    Promise.all([send(['MGET', `a${i}`, `b${i}`]), send(['UNLINK', `c${i}`])]),
  )
  await turn()
  expect(sent).toHaveLength(6)
  for (let i = 0; i < 8; i++) await sent[i]?.answer()
  expect(from(6)).toEqual(['32 names', '20 others', '8 names'])
  await sent[8]?.answer()
  for (const [i, [read, other]] of (await Promise.all(replies)).entries()) {
    expect(read).toEqual([bytesOf(`a${i}`), bytesOf(`b${i}`)])
    expect(other).toEqual(bytesOf(`c${i}`))
  }
})

test('reads do not wait for values of others that may be large', async () => {
  const { clock, send, sent, from, fill, values } = service()
  values(100_000)
  await fill(['MGET', 'large'])
  for (let i = 0; i < 7; i++) void send(['MGET', `a${i}`])
  for (let i = 0; i < 13; i++) await sent[i]?.answer()
  expect(from(6)).toEqual(Array(7).fill('1 names'))
  values(100)
  async function readSmall(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      void send(['MGET', 'small'])
      await turn()
      await sent.at(-1)?.answer()
    }
  }
  async function shared(): Promise<readonly string[]> {
    const last = sent.length
    await fill(['MGET', 'small'])
    for (let i = 0; i < 7; i++) void send(['MGET', `a${i}`])
    for (let i = last; i < last + 13; i++) await sent[i]?.answer()
    return from(last + 6)
  }
  // however many small ones are read meanwhile
  await readSmall(60)
  expect(await shared()).toEqual(Array(7).fill('1 names'))
  for (const _ of ['still known', 'forgotten']) {
    clock.advance(30_000)
    await readSmall(1)
  }
  expect(await shared()).toEqual(['7 names'])
})

test('what fails together fails for each', async () => {
  const failure = new Error('away')
  const failing = async (): Promise<never> => {
    throw failure
  }
  const send = inFewRequests({ alone: failing, together: failing, isSilence: () => false, clock: fakeClock() })
  const all = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => send(i % 2 === 0 ? ['MGET', `a${i}`] : ['UNLINK', `a${i}`])),
  )
  expect(all).toEqual(Array(40).fill({ status: 'rejected', reason: failure }))
})

test('what waits for a place gives up with a request that nothing was heard of, and what comes then goes at once', async () => {
  const { send, sent, fill } = service()
  await fill(['EVALSHA'])
  const failed: string[] = []
  const ask = (words: Words): void => void send(words).catch((error: Error) => failed.push(error.message))
  for (let i = 0; i < 100; i++) ask([i % 2 === 0 ? 'MGET' : 'UNLINK', `${i}`])
  await sent[0]?.fail(new Error('silence'))
  expect(failed).toEqual(Array(100).fill('silence'))
  const later = send(['MGET', 'later'])
  await turn()
  expect(sent).toHaveLength(7)
  await sent[6]?.answer()
  expect(await later).toEqual([bytesOf('later')])
})

test('what waits for a place is sent after a request that was refused', async () => {
  const { send, sent, from, fill } = service()
  await fill(['EVALSHA'])
  const later = send(['MGET', 'later'])
  await turn()
  await sent[0]?.fail(new Error('refused'))
  expect(from(6)).toEqual(['1 names'])
  await sent[6]?.answer()
  expect(await later).toEqual([bytesOf('later')])
})
