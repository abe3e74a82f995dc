import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { copyOf as clone, isolate } from '../src/isolate.ts'

/** What is frozen because nobody else has it. */
const freeze = (value: unknown): boolean => isolate(value, 'freeze', true).copied === false

class Money {
  amount = 1
  readonly parts = [1]
}

const isDeeplyFrozen = (value: unknown, seen = new Set<unknown>()): boolean => {
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  seen.add(value)
  return Object.isFrozen(value) && Object.values(value).every((content) => isDeeplyFrozen(content, seen))
}

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, undefined, 0, -0, Number.NaN, 1n, '', 'a', true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), { noNullPrototype: false }),
  ),
})).value

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    plain,
    fc.nat().map((ms) => new Date(ms)),
    fc.uint8Array({ maxLength: 4 }),
    fc.float64Array({ maxLength: 4 }),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => bytes.buffer.slice(0)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => new Set(values)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('value')),
  ),
})).value

describe('freeze', () => {
  test('plain data is frozen however deep, and shared', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const kept = isolate(value, 'freeze')
        expect(kept).toEqual({ value, copied: false })
        expect(isDeeplyFrozen(kept.value)).toBe(true)
        expect(isolate(value, 'freeze', true).value).toBe(value)
        expect(isDeeplyFrozen(value)).toBe(true)
      }),
    )
  })

  test('a caller cannot push into the array that the next one gets', () => {
    const { value } = isolate({ items: [{ id: 1 }] }, 'freeze') as { value: { items: { id: number }[] } }
    expect(() => value.items.push({ id: 2 })).toThrow(TypeError)
    expect(() => (value.items[0]!.id = 2)).toThrow(TypeError)
    expect(() => Object.assign(value, { more: 1 })).toThrow(TypeError)
    expect(value).toEqual({ items: [{ id: 1 }] })
  })

  test('a frozen object with open contents is frozen inside too', () => {
    const inner = { deep: { id: 1 } }
    const outer = Object.freeze({ list: Object.freeze([inner]) })
    expect(freeze(outer)).toBe(true)
    expect(isDeeplyFrozen(outer)).toBe(true)
  })

  test('a frozen object that holds a Date is copied for each caller', () => {
    const outer = Object.freeze({ list: Object.freeze([new Date(0)]) })
    const isolated = isolate(outer, 'freeze')
    expect(isolated.copied).toBe('path')
    expect(isolated.value).toEqual(outer)
    expect(isolated.value).not.toBe(outer)
  })

  test.each([
    ['a Date', new Date(0)],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a typed array', new Uint8Array(1)],
    ['a Buffer', Buffer.from('a')],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a DataView', new DataView(new ArrayBuffer(1))],
  ])('%s anywhere in the value means a copy for each caller', (_, value) => {
    for (const whole of [value, [value], { a: { b: value } }, [1, { a: value }, 2], [[], value]]) {
      expect(isolate(whole, 'freeze').copied).toBe('path')
    }
  })

  test('cycles end, and what they hold is found', () => {
    const ring: Record<string, unknown> = { inner: { list: [] as unknown[] } }
    ring['self'] = ring
    ;(ring['inner'] as { list: unknown[] }).list.push(ring)
    const kept = isolate(ring, 'freeze')
    expect(kept).toEqual({ value: ring, copied: false })
    expect(isDeeplyFrozen(kept.value)).toBe(true)

    const dated: Record<string, unknown> = { when: new Date(0) }
    dated['self'] = dated
    expect(isolate(dated, 'freeze').copied).toBe('path')
  })

  test('what is referred to many times is not walked many times', () => {
    let node: unknown = { leaf: true }
    for (let i = 0; i < 60; i++) node = { left: node, right: node }
    expect(freeze(node)).toBe(true)
    expect(isDeeplyFrozen(node)).toBe(true)
  })

  test('instances of classes are handed out as they are', () => {
    const money = new Money()
    const { value, copied } = isolate({ money }, 'freeze') as { value: { money: Money }; copied: unknown }
    expect(copied).toBe(false)
    expect(value.money).toBe(money)
    money.amount = 2
    money.parts.push(2)
    expect(money).toMatchObject({ amount: 2, parts: [1, 2] })
  })

  test('an object without a prototype is plain', () => {
    const bare = Object.assign(Object.create(null), { a: [1] }) as { a: number[] }
    expect(freeze(bare)).toBe(true)
    expect(isDeeplyFrozen(bare)).toBe(true)
  })

  test('what is named by a symbol is frozen like the rest', () => {
    const name = Symbol('name')
    const value = { [name]: { open: true } }
    const kept = isolate(value, 'freeze').value as typeof value
    expect(Object.isFrozen(kept[name])).toBe(true)
  })
})

/** Whether two values have something changeable in common. */
function sharesSomething(a: unknown, b: unknown, seen = new Set<unknown>()): boolean {
  if (typeof a !== 'object' || a === null || seen.has(a)) return false
  if (a === b) return true
  seen.add(a)
  if (ArrayBuffer.isView(a)) return a.buffer === (b as ArrayBufferView).buffer
  const parts = (value: unknown): unknown[] =>
    value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value as object)
  const others = parts(b)
  return parts(a).some((part, i) => sharesSomething(part, others[i], seen))
}

describe('clone', () => {
  test('a copy has the same types and contents and shares nothing with the original', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const copy = clone(value)
        expect(copy).toStrictEqual(value)
        expect(sharesSomething(value, copy)).toBe(false)
      }),
      { numRuns: 3000 },
    )
  })

  test('changing a copy changes neither the original nor another copy', () => {
    const original = { list: [1], map: new Map([['a', { n: 1 }]]), bytes: new Uint8Array([1]), date: new Date(0) }
    const isolated = isolate(original, 'clone').value as typeof original
    const one = clone(isolated)
    const other = clone(isolated)
    one.list.push(2)
    one.map.get('a')!.n = 2
    one.bytes[0] = 2
    one.date.setTime(2)
    original.list.push(3)
    original.bytes[0] = 3
    for (const untouched of [other, isolated]) {
      expect(untouched).toStrictEqual({
        list: [1],
        map: new Map([['a', { n: 1 }]]),
        bytes: new Uint8Array([1]),
        date: new Date(0),
      })
    }
  })

  test('a copy of something frozen is open', () => {
    const copy = clone(Object.freeze({ list: Object.freeze([1]) as number[] }))
    copy.list.push(2)
    expect(copy).toEqual({ list: [1, 2] })
  })

  test('what is referred to twice is copied once, cycles included', () => {
    const shared = { id: 1 }
    const ring: Record<string, unknown> = { one: shared, two: [shared], map: new Map([[shared, shared]]) }
    ring['self'] = ring
    ring['set'] = new Set([ring])
    const copy = clone(ring)
    expect(copy).not.toBe(ring)
    expect(copy['self']).toBe(copy)
    expect(copy['set']).toEqual(new Set([copy]))
    expect(copy['one']).not.toBe(shared)
    expect((copy['two'] as unknown[])[0]).toBe(copy['one'])
    expect([...(copy['map'] as Map<unknown, unknown>)][0]).toEqual([copy['one'], copy['one']])
  })

  test('bytes keep their type and are exactly those that the view shows', () => {
    const { buffer } = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    for (const View of [Uint8Array, Uint8ClampedArray, Int16Array, Uint32Array, Float64Array, BigInt64Array]) {
      const view = new View(buffer, 8, 8 / View.BYTES_PER_ELEMENT)
      const copy = clone(view)
      expect(copy).toStrictEqual(view)
      expect(copy.buffer.byteLength).toBe(8)
    }
    const data = clone(new DataView(buffer, 3, 2))
    expect(data).toBeInstanceOf(DataView)
    expect([data.byteLength, data.getUint8(0), data.getUint8(1)]).toEqual([2, 3, 4])
  })

  test('a Buffer stays a Buffer and leaves the pool', () => {
    const buffer = Buffer.from('hello')
    const copy = clone(buffer)
    expect(Buffer.isBuffer(copy)).toBe(true)
    expect(copy.toString()).toBe('hello')
    copy[0] = 0
    expect(buffer.toString()).toBe('hello')
  })

  test('short arrays may hold themselves, and names beside their elements', () => {
    const ring: unknown[] = [1]
    ring.push(ring, [ring])
    const copy = clone(ring)
    expect(copy).not.toBe(ring)
    expect(copy[1]).toBe(copy)
    expect((copy[2] as unknown[])[0]).toBe(copy)
    const named = Object.assign([1], { self: null as unknown })
    named.self = named
    const rows = Array.from({ length: 20_000 }, () => [1])
    const all = clone(Object.assign([named, ...rows.map((row) => Object.assign(row, { total: 1 }))]))
    expect((all[0] as typeof named).self).toBe(all[0])
    expect(all.at(-1)).toMatchObject({ total: 1 })
  })

  test('holes in an array stay holes', () => {
    const list: unknown[] = [undefined]
    list.length = 3
    const copy = clone(list)
    expect(copy).toHaveLength(3)
    expect(Object.keys(copy)).toEqual(['0'])
  })

  test('the fields of a match of a regular expression are copied with it', () => {
    const match = /(?<letter>b)/u.exec('abc')
    expect(clone(match)).toStrictEqual(match)
  })

  test('what is named by a symbol is copied like the rest', () => {
    const name = Symbol('name')
    const value = { [name]: { open: true } }
    const copy = clone(value)
    expect(copy[name]).toEqual({ open: true })
    expect(copy[name]).not.toBe(value[name])
  })

  test('an object without a prototype has none in the copy', () => {
    const copy = clone(Object.assign(Object.create(null), { a: 1 }) as { a: number })
    expect(Object.getPrototypeOf(copy)).toBeNull()
    expect(copy.a).toBe(1)
  })

  test('a property called __proto__ is a property and pollutes nothing', () => {
    const value = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object
    const copy = clone(value)
    expect(Object.keys(copy)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect((copy as { polluted?: unknown }).polluted).toBeUndefined()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('instances of classes are handed out as they are, also inside of copies', () => {
    const money = new Money()
    expect(clone(money)).toBe(money)
    expect(clone({ list: [new Map([[1, money]])] }).list[0]!.get(1)).toBe(money)
    const { signal } = new AbortController()
    expect(clone({ signal }).signal).toBe(signal)
  })

  test('a subclass of a built-in type keeps its class', () => {
    class Moment extends Date {}
    class Ranges extends Map<number, number> {}
    class Bag extends Set<number> {}
    class List extends Array<number> {}
    for (const value of [new Moment(5), new Ranges([[1, 2]]), new Bag([1]), List.of(1, 2)]) {
      expect(clone({ value }).value).toStrictEqual(value)
    }
  })
})

class Rows {
  [Symbol.iterator]() {
    return this
  }
}

describe('share', () => {
  test('everybody gets what the loader returned, unfrozen', () => {
    const value = { list: [1], when: new Date(0) }
    expect(isolate(value, 'share')).toEqual({ value, copied: false })
    expect(isolate(value, 'share').value).toBe(value)
    expect(Object.isFrozen(value)).toBe(false)
    expect(Object.isFrozen(value.list)).toBe(false)
  })
})

describe('isolate', () => {
  test('what is kept is not what the loader can still change', () => {
    for (const isolation of ['freeze', 'clone'] as const) {
      const value = { when: new Date(0), list: [1] }
      const kept = isolate(value, isolation)
      value.when.setTime(5)
      value.list.push(2)
      expect(kept.value).toEqual({ when: new Date(0), list: [1] })
    }
  })

  test('primitives are never copied', () => {
    for (const value of [0, '', null, undefined, 1n, true, Symbol.iterator]) {
      expect(isolate(value, 'freeze')).toEqual({ value, copied: false })
      expect(isolate(value, 'clone').value).toBe(value)
    }
  })

  test('a value deeper than the stack is an error and not a crash', () => {
    let value: unknown = null
    for (let i = 0; i < 1_000_000; i++) value = [value]
    expect(() => isolate(value, 'freeze')).toThrow(RangeError)
    expect(() => isolate(value, 'clone')).toThrow(RangeError)
  })

  test('what is beside something that cannot be frozen is shared, and the way to it is copied', () => {
    const kept = isolate({ at: new Date(0), rows: [{ id: 1 }], deep: { map: new Map([['a', { id: 2 }]]) } }, 'freeze')
    const [one, other] = [0, 1].map(() => clone(kept.value, 'path') as typeof value) as [typeof value, typeof value]
    const value = kept.value as { at: Date; rows: object[]; deep: { map: Map<string, object> } }
    expect(one).toEqual(value)
    expect(one.rows).toBe(value.rows)
    expect(one.at).not.toBe(value.at)
    expect(one.deep.map).not.toBe(other.deep.map)
    expect(one.deep.map.get('a')).toBe(value.deep.map.get('a'))
    expect(isDeeplyFrozen(value.deep.map.get('a'))).toBe(true)
  })

  test('a ring with a Date in it shares nothing that can be changed', () => {
    const ring: Record<string, unknown> = { inner: { when: new Date(0) } }
    ;(ring['inner'] as Record<string, unknown>)['outer'] = ring
    const { value } = isolate(ring, 'freeze')
    const copy = clone(value, 'path') as { inner: { when: Date; outer: unknown } }
    expect(copy.inner.when).not.toBe((value as typeof copy).inner.when)
    expect(copy.inner.outer).toBe(copy)
  })

  test('a million numbers are kept and copied without anybody waiting', () => {
    const numbers = Array.from({ length: 1_000_000 }, (_, i) => i + 0.5)
    const startedAt = performance.now()
    const kept = isolate(numbers, 'freeze')
    clone(isolate(numbers, 'clone').value)
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect((kept.value as number[]).length).toBe(1_000_000)
  })

  test('so are as many in short arrays', () => {
    const pairs = Array.from({ length: 500_000 }, (_, i) => [i, i])
    const startedAt = performance.now()
    const { value, copied } = isolate(pairs, 'freeze') as { value: number[][]; copied: unknown }
    // against hanging; the README has how long it takes
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(copied).toBe(false)
    expect(value.every((pair, i) => Object.isFrozen(pair) && pair !== pairs[i] && pair[1] === i)).toBe(true)
  })

  test('bytes that are a part of something larger are copied without the rest', () => {
    const pooled = Buffer.from('hello')
    const view = new DataView(pooled.buffer, pooled.byteOffset, 5)
    const { value } = isolate({ view, pooled }, 'freeze') as { value: { view: DataView; pooled: Buffer } }
    expect(value.view.buffer.byteLength).toBe(5)
    expect(value.pooled.buffer.byteLength).toBe(5)
    expect(Buffer.from(value.view.buffer)).toEqual(pooled)
  })

  test('a getter that fails later ends no process', async () => {
    const late = {
      get late() {
        return Promise.reject(new Error('late'))
      },
    }
    for (const isolation of ['freeze', 'clone'] as const) isolate(late, isolation)
    await new Promise(setImmediate)
  })

  test.each([
    [
      'a generator',
      () =>
        (function* () {
          yield 1
        })(),
    ],
    [
      'an async generator',
      () =>
        (async function* () {
          yield 1
        })(),
    ],
    ['an iterator of a Map', () => new Map().values()],
    [
      'an iterator of plain data',
      () => ({
        next: () => ({ done: true }),
        [Symbol.iterator]() {
          return this
        },
      }),
    ],
    ['a Response', () => new Response('body')],
    ['a Request', () => new Request('http://localhost', { method: 'POST', body: 'body' })],
    ['a ReadableStream', () => new ReadableStream()],
    ['the stream of a Blob', () => new Blob(['text']).stream()],
    ['a Readable', () => Readable.from(['a'])],
    ['the reader of a stream', () => new ReadableStream().getReader()],
    ['a TransformStream', () => new TransformStream()],
    ['a TextDecoderStream', () => new TextDecoderStream()],
    ['an instance whose own `next` makes it one', () => Object.assign(new Rows(), { next: () => ({ done: true }) })],
  ])('%s can be read but once and is refused, also inside of something else', (_, make) => {
    for (const isolation of ['freeze', 'clone', 'share'] as const) {
      expect(() => isolate(make(), isolation)).toThrow('can be read but once')
    }
    for (const isolation of ['freeze', 'clone'] as const) {
      for (const within of [
        () => ({ deep: [make()] }),
        () => new Map([[1, make()]]),
        () => Object.assign(new Money(), { body: make() }),
        () => [Object.assign(new Money(), { parts: [{ body: make() }] })],
        () => ({ reason: Object.assign(new Error('404'), { response: make() }) }),
        () => new Error('failed', { cause: make() }),
      ]) {
        expect(() => isolate(within(), isolation)).toThrow('can be read but once')
      }
    }
  })

  test('no code of the user runs to tell what can be read but once', async () => {
    const ran: string[] = []
    class Page {
      static get name() {
        return ran.push('static name')
      }
      get next() {
        ran.push('next')
        return Promise.reject(new Error('no session'))
      }
      get getReader() {
        throw new Error(`${ran.push('getReader')}`)
      }
    }
    const page = (): object =>
      Object.defineProperties(new Page(), {
        own: { enumerable: true, get: () => ran.push('own') },
        constructor: { get: () => ran.push('constructor') },
      })
    const watched = new Proxy(new Money(), { get: (_, name) => ran.push(String(name)), has: () => ran.push('has') > 0 })
    for (const isolation of ['freeze', 'clone', 'share'] as const) {
      for (const value of [page(), watched, { pages: [page(), watched] }, new Map([[1, page()]])]) {
        isolate(value, isolation)
      }
    }
    expect(() => isolate(Object.assign(new Page(), { [Symbol.asyncIterator]: () => {} }), 'share')).toThrow(
      'read but once',
    )
    await new Promise(setImmediate)
    expect(ran).toEqual([])
  })

  test('what belongs to the program is not searched', () => {
    const socket = Object.assign(new EventEmitter(), { stream: new ReadableStream() })
    const connection = Object.assign(new Money(), { stream: new ReadableStream() })
    for (const isolation of ['freeze', 'clone', 'share'] as const) {
      isolate({ request: socket }, isolation)
      isolate(Object.assign(new Money(), { connection }), isolation)
    }
  })

  test('a search of instances ends', () => {
    const ring = Object.assign(new Money(), { list: [] as unknown[] })
    ring.list.push(ring, ring.list)
    isolate(ring, 'freeze')
    const many = Array.from({ length: 20_000 }, () => new Money())
    expect(isolate(many, 'freeze').value).toEqual(many)
  })

  test.each([
    ['a Blob', new Blob(['text'])],
    ['plain data with such names', { bodyUsed: true, read: 1, releaseLock: 2, next: '/p?2', data: [1] }],
    ['plain data with a method', { next: () => 1 }],
    ['a Map', new Map()],
    ['an array', [1]],
    [
      'a linked list',
      new (class Item {
        next = null
      })(),
    ],
    [
      'a page with a method',
      new (class Page {
        next() {
          return 1
        }
      })(),
    ],
  ])('%s is no such thing', (_, value) => {
    for (const isolation of ['freeze', 'clone', 'share'] as const) isolate(value, isolation)
  })
})
