import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { thrown } from './thrown.ts'

/** A function that counts its runs and answers with the number of the run. */
function setUp() {
  const cache = createCache({ namespace: 'p7', store: memoryStore() })
  let runs = 0
  const call = cache.cached(async (..._args: readonly unknown[]) => ++runs, { name: 'call', ttl: '1h' })
  return { cache, call, runs: () => runs }
}

/** Each list has a value of its own, on the second call too. */
async function expectApart(lists: readonly (readonly unknown[])[]): Promise<void> {
  const { call, runs } = setUp()
  const first = await Promise.all(lists.map((args) => call(...args)))
  expect(new Set(first).size).toBe(lists.length)
  const second: number[] = []
  for (const args of lists) second.push(await call(...args))
  expect(second).toEqual(first)
  expect(runs()).toBe(lists.length)
}

async function expectTogether(lists: readonly (readonly unknown[])[]): Promise<void> {
  const { call, runs } = setUp()
  for (const args of lists) await call(...args)
  expect(runs()).toBe(1)
}

describe('different arguments are loaded separately', () => {
  const lists: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
    'a number, the same as text, as bigint and as boolean': [[1], ['1'], [1n], [true], ['true'], ['1n']],
    'nothing, undefined, null, NaN and their names': [
      [],
      [null],
      [Number.NaN],
      ['undefined'],
      ['null'],
      ['NaN'],
      [''],
      [0],
      [false],
    ],
    'kinds of empty collections': [[{}], [[]], [new Map()], [new Set()], [new Uint8Array()], ['{}'], ['[]']],
    'a Map and an object of the same entries': [[new Map([['a', 1]])], [{ a: 1 }], [[['a', 1]]], [new Set(['a', 1])]],
    'arguments that are joined alike': [
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a,b', 'c'],
      ['a', 'b,c'],
      [['a', 'b'], 'c'],
    ],
    'the second argument': [[1], [1, 2], [1, 3], [1, null]],
    'a property that is null and one that is not there': [[{ a: 1 }], [{ a: 1, b: null }]],
    'query strings': [
      [new URL('https://shop.test/?page=1')],
      [new URL('https://shop.test/?page=2')],
      [new URL('https://shop.test/')],
      ['https://shop.test/?page=1'],
    ],
    'dates, their time and their text': [[new Date(0)], [0], [new Date(0).toISOString()], [new Date(1)]],
    'bytes of different types': [[new Uint8Array([1, 0])], [new Uint16Array([1])], [new Uint8Array([1])], [[1, 0]]],
    'quotes and brackets in texts': [['"'], ['\\"'], ['1")'], ['(1)'], ['1'], ['1,1'], [1, 1]],
    'infinities and large numbers': [[Infinity], [-Infinity], [2 ** 53], [BigInt(2 ** 53)], [1e21], ['1e+21']],
  }
  test.each(Object.entries(lists))('%s', (_, all) => expectApart(all))

  test('a hundred thousand numbers, texts and pairs', async () => {
    const { call, runs } = setUp()
    const count = 33_333
    for (let i = 0; i < count; i++) await Promise.all([call(i), call(`${i}`), call(i, 'pair')])
    expect(runs()).toBe(3 * count)
  })

  test('long arguments that differ in one place', () =>
    expectApart(Array.from({ length: 500 }, (_, i) => [`${'x'.repeat(i)}y${'x'.repeat(1000 - i)}`])))

  test('two functions with the same arguments, and one name cannot be used twice', async () => {
    const { cache, call } = setUp()
    const other = cache.cached(async () => 'other', { name: 'other' })
    expect([await call(1), await other()]).toEqual([1, 'other'])
    expect(thrown(() => cache.cached(async () => 0, { name: 'call' })).code).toBe('duplicate-name')
  })
})

describe('equal arguments are loaded once', () => {
  test.each([
    ['whatever the order of properties', [[{ a: 1, b: { c: 2, d: 3 } }], [{ b: { d: 3, c: 2 }, a: 1 }]]],
    ['objects with and without prototype', [[{ a: 1 }], [Object.assign(Object.create(null), { a: 1 })]]],
    [
      'dates, maps, sets, bytes',
      Array.from({ length: 3 }, () => [new Date(7), new Map([[1, 2]]), new Set([3]), Buffer.from('4')]),
    ],
    ['0 and -0', [[0], [-0], [0]]],
    ['NaN', [[Number.NaN], [Number.NaN]]],
  ])('%s', (_, lists) => expectTogether(lists))
})

describe('what cannot be told apart is refused', () => {
  class User {
    readonly id = 1
  }
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const throwing = {
    get id(): number {
      throw new TypeError('not now')
    },
  }
  const refused: readonly (readonly [string, readonly unknown[], string])[] = [
    ['a function', [() => 1], 'argument 1'],
    ['a symbol', [1, Symbol('a')], 'argument 2'],
    ['a class instance', [1, { user: new User() }], 'argument 2.user'],
    ['a promise', [[0, Promise.resolve(1)]], 'argument 1[1]'],
    ['a cycle', [cycle], 'argument 1.self'],
    ['an Error', [new Error('x')], 'argument 1'],
    ['a query', [new URLSearchParams('page=1')], 'argument 1'],
    ['a WeakMap', [new WeakMap()], 'argument 1'],
    ...[Set, Map, Date, URL, Uint8Array, ArrayBuffer, Promise].map(
      ({ name, prototype }) => [`what only inherits from ${name}`, [Object.create(prototype)], 'argument 1'] as const,
    ),
    ...[new Set([1]), new Map(), new Date(), new URL('a:b'), new Uint8Array(1)].map(
      (value) => [`a proxy of a ${value.constructor.name}`, [1, new Proxy(value, {})], 'argument 2'] as const,
    ),
    ['an object that says it is a Set', [{ [Symbol.toStringTag]: 'Set' }], 'argument 1'],
    ['an object whose constructor is said to be Set', [Object.create({ constructor: Set })], 'argument 1'],
    ['a proxy that was revoked', [revoked.proxy], 'argument 1'],
    ['a getter that throws', [throwing], 'argument 1'],
  ]

  test.each(refused)('%s: with a rejection that names it and the way out', async (_, args, named) => {
    const { cache, call, runs } = setUp()
    const calls = [call(...args), call.read(...args), call.peek(...args), call.refresh(...args)]
    const writes = [call.set(1, ...args), call.invalidate(...args), call.expire(...args)]
    for (const result of [...calls, ...writes]) {
      expect(result).toBeInstanceOf(Promise)
      await expect(result).rejects.toMatchObject({
        code: 'invalid-key',
        message: expect.stringContaining(named),
      })
      await expect(result).rejects.toThrow('`key` option')
    }
    expect(runs()).toBe(0)
    await cache.close()
  })

  test('what an argument throws when it is read is the cause', async () => {
    const { call } = setUp()
    await expect(call(throwing)).rejects.toMatchObject({ cause: { message: 'not now' } })
  })

  test('unless the key option says what tells them apart', async () => {
    const { cache } = setUp()
    let runs = 0
    const byUser = cache.cached(async (_user: User) => ++runs, { name: 'user', key: (user) => user.id })
    expect([await byUser(new User()), await byUser(new User())]).toEqual([1, 1])
  })
})

test('keys that were remembered for primitive arguments are those that are built anew', async () => {
  const mixed = [1, '1', 1n, true, Number.NaN, 'NaN', -0, 0, '0', '-0', null, undefined, 'null', false, '', 'true']
  const { call } = setUp()
  const fresh = mixed.map((value) => setUp().call.key(value))
  for (let round = 0; round < 3; round++) {
    expect(mixed.map((value) => call.key(value))).toEqual(fresh)
    await Promise.all(mixed.map((value) => call(value)))
    // more keys than are remembered
    for (let i = 0; i < 3000; i++) call.key(`${i}`)
    mixed.reverse()
    fresh.reverse()
  }
  // -0 and 0 are one key, all others differ
  expect(new Set(fresh).size).toBe(mixed.length - 1)
  expect(await Promise.all(mixed.map((value) => call(value)))).toHaveLength(mixed.length)
})
