import type { CacheEvents } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { describeOptions } from '@shelflife/test-servers/describe-options'
import { expect, test, vi } from 'vitest'

import { ioredisStore } from '../src/index.ts'
import { severalProcesses } from './two-processes.ts'

const processes = severalProcesses()
const { server, start } = processes

const MEBIBYTE = 2 ** 20
/** Large values take their time on a busy machine. */
const PATIENT = { read: '5s', write: '5s' } as const

test('a value of more than maxValueBytes is returned and reported, not stored', async () => {
  const cache = start({ local: false, budget: PATIENT })
  const skips: CacheEvents['skip'][] = []
  cache.on('skip', (event) => void skips.push(event))
  const load = vi.fn(async (bytes: number) => new Uint8Array(bytes))
  const read = cache.cached(load, { name: 'value' })
  for (const bytes of [4 * MEBIBYTE, 6 * MEBIBYTE]) {
    expect(await read(bytes)).toHaveLength(bytes)
    expect(await read(bytes)).toHaveLength(bytes)
  }
  expect(load.mock.calls.map(([bytes]) => bytes / MEBIBYTE)).toEqual([4, 6, 6])
  expect(skips.map(({ because }) => because)).toEqual(['unsupported', 'unsupported'])
  expect(skips[0]?.error).toMatchObject({ code: 'value-too-large' })
  expect(String(skips[0]?.error)).toMatch(/more than the `maxValueBytes` of ioredis \(5242880\)/)
})

test('with keySecret nothing in Redis tells the arguments, and processes with the same secret share entries', async () => {
  const keySecret = 'a secret of enough bytes'
  const [one, other] = [start({ local: false, keySecret }), start({ local: false, keySecret })]
  const load = vi.fn(async (mail: string) => mail.length)
  const [read, readOther] = [one.cached(load, { name: 'user' }), other.cached(load, { name: 'user' })]
  await read('ann@example.com')
  await readOther('ann@example.com')
  expect(load).toHaveBeenCalledOnce()
  const names = (await server().command('KEYS', '*')) as string[]
  expect(names.filter((name) => name.includes(`${processes.namespace}/user(#`))).not.toEqual([])
  expect(names.join()).not.toContain('ann')
})

test('what cannot be used is refused, and the message says nothing that is secret', () => {
  const refused = (options: object): string => {
    try {
      ioredisStore(server().url, options)
    } catch (error) {
      if (error instanceof ShelflifeError) return error.message
    }
    throw new Error('was not refused')
  }
  expect(refused({ prefix: 'a{b}' })).toMatch(/prefix must be .* received "a\{b\}"/)
  expect(refused({ prefix: '' })).toMatch(/prefix/)
  expect(refused({ maxValueBytes: 0 })).toMatch(/maxValueBytes must be a positive .* received 0/)
  expect(refused({ maxValueBytes: Number.NaN })).toMatch(/maxValueBytes/)
  expect(refused({ budget: { read: 0 } })).toMatch(/budget\.read .* received 0/)
  expect(refused({ budget: { write: '5 apples' } })).toMatch(/budget\.write .* received "5 apples"/)
  expect(refused({ keySecret: 'short' })).toMatch(/keySecret must be .* 16 bytes/)
  expect(refused({ keySecret: 'short' })).not.toContain('short;')
})

test('caches with different prefixes know nothing of each other', async () => {
  const [one, other] = [start({ local: false, prefix: 'one' }), start({ local: false, prefix: 'two' })]
  const load = vi.fn(async () => 'value')
  const [read, readOther] = [one.cached(load, { name: 'value' }), other.cached(load, { name: 'value' })]
  await read()
  await readOther()
  await other.clear()
  await read()
  expect(load).toHaveBeenCalledTimes(2)
})

describeOptions((options) => ioredisStore('redis://127.0.0.1:1', options))
