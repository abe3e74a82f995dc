import { runInNewContext } from 'node:vm'

import { createCache, encodeArguments } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { codePoint } from '../../conformance/src/code-point.ts'
import { describe, expect, test } from 'vitest'

import { shortKey } from '../src/short-key.ts'
import { thrown } from './thrown.ts'

const HOLE = Symbol('hole')

function arrayOf(contents: readonly unknown[]): unknown[] {
  const array: unknown[] = []
  array.length = contents.length
  for (const [i, content] of contents.entries()) if (content !== HOLE) array[i] = content
  return array
}

/** Texts and numbers that look like each other, or like what separates them. */
const texts = ['', '1', '1n', 'null', 'a', 'a:b', 'b', ',', '"', '","', '\\', ')', '{}', '[]', 'NaN', '\ud800', 'é']
const names = ['a', 'b', 'a b', '1', '', '__proto__', 'a":1,"b', 'constructor']
const shortBytes = fc.uint8Array({ maxLength: 2, max: 2 })

const leaf = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...texts) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(0, -0, 1, -1, 1.5, 1e21, 1e-7, Number.NaN, Infinity, -Infinity) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(0n, 1n, -1n, true, false, null, undefined) },
  fc.string({ maxLength: 3, unit: codePoint }),
  fc.double(),
  fc.constantFrom(0, 1, Number.NaN).map((ms) => new Date(ms)),
  fc.constantFrom('http://a/', 'http://a/?', 'http://a/?b=1', 'http://a/#b').map((href) => new URL(href)),
  shortBytes.map((bytes) => Uint8Array.from(bytes)),
  shortBytes.map((bytes) => Int8Array.from(bytes)),
  shortBytes.map((bytes) => Uint16Array.from(bytes)),
  shortBytes.map((bytes) => Float64Array.from(bytes)),
  shortBytes.map((bytes) => Buffer.from(bytes)),
  shortBytes.map((bytes) => Uint8Array.from([9, ...bytes, 9]).subarray(1, 1 + bytes.length)),
  shortBytes.map((bytes) => new DataView(Uint8Array.from(bytes).buffer)),
)

const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.array(fc.oneof({ arbitrary: tie('value'), weight: 4 }, fc.constant(HOLE)), { maxLength: 3 }).map(arrayOf),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    fc.array(tie('value'), { maxLength: 2 }).map((values) => new Set(values)),
  ),
}))

const bytesOf = (value: ArrayBufferView): string =>
  Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')

/** Structural equality, written without a look at the encoder: -0 is 0, the order of properties does not count. */
function same(a: unknown, b: unknown): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const prototype: unknown = Object.getPrototypeOf(a) ?? Object.prototype
  if (prototype !== (Object.getPrototypeOf(b) ?? Object.prototype)) return false
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime())
  if (a instanceof URL) return a.href === (b as URL).href
  if (ArrayBuffer.isView(a)) return bytesOf(a) === bytesOf(b as ArrayBufferView)
  if (a instanceof Map || a instanceof Set) return same([...a], [...(b as Iterable<unknown>)])
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false
  const own = namesOf(a)
  if (own.length !== namesOf(b).length) return false
  return own.every((name) => Object.hasOwn(b, name) && same(a[name as never], b[name as never]))
}

/** A property that is `undefined` is as good as none; an element of a list is not. */
const namesOf = (value: object): readonly string[] =>
  Object.keys(value).filter((name) => Array.isArray(value) || value[name as never] !== undefined)

/** Arguments that say nothing, at the end, are as good as none. */
const statedOf = (args: readonly unknown[]): readonly unknown[] =>
  args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1)

/** The same content in another place in memory and with the properties the other way round. */
function rebuilt(value: unknown): unknown {
  if (value === 0) return -value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return arrayOf(Array.from(value, (part, i) => (i in value ? rebuilt(part) : HOLE)))
  if (value instanceof Map) return new Map(Array.from(value, ([k, v]) => [rebuilt(k), rebuilt(v)]))
  if (value instanceof Set) return new Set(Array.from(value, rebuilt))
  if (value instanceof Date) return new Date(value)
  if (value instanceof URL) return new URL(value.href)
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (ArrayBuffer.isView(value)) return structuredClone(value)
  const entries = Object.entries(value).toReversed()
  return Object.fromEntries(entries.map(([name, content]) => [name, rebuilt(content)]))
}

const argumentLists = fc.array(anything, { maxLength: 3 })

test('a property is read once, so that a getter cannot say two things', () => {
  let reads = 0
  const counter = {
    get value() {
      return reads++ === 0 ? 'first' : undefined
    },
  }
  expect(encodeArguments([counter])).toBe('({value:"first"})')
  expect(reads).toBe(1)
})

describe('exactness', () => {
  test('two argument lists share a key if and only if they are structurally equal', () => {
    let equal = 0
    let different = 0
    fc.assert(
      fc.property(fc.array(argumentLists, { minLength: 2, maxLength: 40 }), (lists) => {
        const keys = lists.map(encodeArguments)
        for (const [i, a] of lists.entries()) {
          for (let j = 0; j < i; j++) {
            const expected = same(statedOf(a), statedOf(lists[j] ?? []))
            if (expected) equal++
            else different++
            if ((keys[i] === keys[j]) !== expected) {
              throw new Error(`${keys[i]} and ${keys[j]} for ${fc.stringify(a)} and ${fc.stringify(lists[j])}`)
            }
          }
        }
      }),
      { numRuns: 1500 },
    )
    // the property would hold for want of cases otherwise
    expect(equal).toBeGreaterThan(1000)
    expect(different).toBeGreaterThan(10_000)
  })

  test('equal arguments share a key, whatever the property order and wherever they are in memory', () => {
    fc.assert(
      fc.property(argumentLists, (args) => {
        expect(encodeArguments(args.map(rebuilt))).toBe(encodeArguments(args))
      }),
      { numRuns: 3000 },
    )
  })

  test('the key depends on nothing but the arguments, so it is the same after a restart', () => {
    const args = [42, 'é', { b: arrayOf([1n, HOLE, undefined]), a: new Date(0) }, new Map([[1, new Set([true])]])]
    expect(encodeArguments(args)).toBe(
      '(42,"é",{a:Date(1970-01-01T00:00:00.000Z),b:[1n,~,undefined]},Map(1=>Set(true)))',
    )
    expect(encodeArguments([new URL('http://a/?b'), new Uint8Array([1, 255]), Buffer.from([0]), null, -0])).toBe(
      '(URL("http://a/?b"),Uint8Array(1,255),Buffer(0),null,0)',
    )
  })

  test('a hole in an array is neither nothing nor undefined', () => {
    const lists = [[], [HOLE], [HOLE, HOLE], [undefined], [HOLE, undefined], [undefined, HOLE], [null], [[]]]
    const keys = lists.map((list) => encodeArguments([arrayOf(list)]))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

/** No two of these calls may share a key. */
function expectAllDifferent(calls: readonly (readonly unknown[])[]): void {
  const seen = new Map<string, string>()
  for (const args of calls) {
    const key = encodeArguments(args)
    expect(seen.get(key), `${fc.stringify(args)} has the key of another call`).toBeUndefined()
    seen.set(key, fc.stringify(args))
  }
}

describe('what other caches confuse', () => {
  test('a number, a string, a bigint and a boolean that print alike have keys of their own', () => {
    expectAllDifferent([[1], ['1'], [1n], ['1n'], [true], ['true'], [new Date(1)], [[1]], [['1']], [{ 1: 1 }]])
  })

  test('undefined, null, NaN, nothing and their names have keys of their own', () => {
    expectAllDifferent([
      [],
      [undefined, 1],
      [undefined, undefined, 1],
      [null],
      [Number.NaN],
      [''],
      [0],
      [false],
      ['undefined'],
      ['null'],
      ['NaN'],
      [Infinity],
      [-Infinity],
      ['Infinity'],
      [new Date(Number.NaN)],
    ])
  })

  test('empty containers of different types have keys of their own', () => {
    expectAllDifferent([
      [{}],
      [[]],
      [new Map()],
      [new Set()],
      [new Uint8Array()],
      [new Uint16Array()],
      [Buffer.alloc(0)],
      [new DataView(new ArrayBuffer(0))],
    ])
  })

  test('a Map is not the object with the same contents, and a Set not the array', () => {
    expectAllDifferent([
      [new Map([['a', 1]])],
      [{ a: 1 }],
      [[['a', 1]]],
      [new Set(['a', 1])],
      [['a', 1]],
      [new Set([['a', 1]])],
    ])
  })

  test('delimiters in the arguments cannot move the border between two arguments', () => {
    expectAllDifferent([
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a', 'b', 'c'],
      ['a,b', 'c'],
      ['a","b', 'c'],
      ['a', 'b,c'],
      ['a"', '"b', 'c'],
      ['a,b,c'],
      [['a', 'b'], 'c'],
      ['a', ['b', 'c']],
      [['a', 'b', 'c']],
      ['a)', '(b', 'c'],
      ['a\\', 'b', 'c'],
      ['a\\",\\"b', 'c'],
    ])
  })

  test('delimiters in property names and contents cannot move the border between two properties', () => {
    expectAllDifferent([
      [{ a: 1, b: 2 }],
      [{ 'a:1,b': 2 }],
      [{ 'a":1,"b': 2 }],
      [{ a: '1,b:2' }],
      [{ a: { b: 2 } }],
      [{ a: 1 }, { b: 2 }],
      [{ a: [1, 2] }],
      [{ a: [1], b: 2 }],
      [new Map([['a', '1=>2']])],
      [new Map([['a=>"1', 2]])],
      [new Map<unknown, unknown>([['a', new Map([[1, 2]])]])],
    ])
  })

  test('every argument counts, not only the first', () => {
    expectAllDifferent([[1], [1, 1], [1, 2], [1, undefined, 1], [2, 1], [1, {}], [1, { page: 2 }]])
  })

  test('the query and the fragment of a URL count', () => {
    expectAllDifferent([
      [new URL('https://example.com/')],
      [new URL('https://example.com/?page=1')],
      [new URL('https://example.com/?page=2')],
      [new URL('https://example.com/#page')],
      ['https://example.com/?page=1'],
    ])
  })

  test('a property that is undefined is as good as none, as in JSON; null is not', () => {
    expectAllDifferent([[{}], [{ a: null }], [{ a: {} }]])
    expect(encodeArguments([{ page: 1, tag: undefined }])).toBe(encodeArguments([{ page: 1 }]))
    expect(encodeArguments([[{ a: undefined }]])).toBe(encodeArguments([[{}]]))
    expectAllDifferent([[[undefined]], [[]], [[undefined, undefined]]])
  })

  test('an argument that is undefined and that nothing comes after is as good as none', () => {
    for (const args of [[1], [1, undefined], [1, undefined, undefined]]) expect(encodeArguments(args)).toBe('(1)')
    expect(encodeArguments([undefined])).toBe('()')
  })

  test('what `map` calls its function with is refused, with what to write instead', () => {
    const ids = [1, 2, 42]
    expect(() => ids.map((...args) => encodeArguments(args))).toThrow('list.map((item) => fn(item))')
    expect(encodeArguments([1, 0, [2]])).toBe('(1,0,[2])')
    expect(encodeArguments([1, 0, [1], 'more'])).toBe('(1,0,[1],"more")')
  })

  test('the order of a Map and of a Set counts', () => {
    const ab = [
      ['a', 1],
      ['b', 2],
    ] as const
    expectAllDifferent([[new Map(ab)], [new Map(ab.toReversed())], [new Set(ab)], [new Set(ab.toReversed())]])
  })

  test('a typed array counts with its type and with exactly the bytes it shows', () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4])
    expectAllDifferent([
      [new Uint8Array(buffer)],
      [new Uint8ClampedArray(buffer)],
      [new Int8Array(buffer)],
      [new Uint16Array(buffer)],
      [new Uint32Array(buffer)],
      [new Float32Array(buffer)],
      [Buffer.from(buffer)],
      [new DataView(buffer)],
      [new DataView(buffer, 1)],
      [new Uint8Array(buffer, 1)],
      [new Uint8Array(buffer, 0, 3)],
    ])
    expect(encodeArguments([new Uint8Array(buffer, 1, 2)])).toBe(encodeArguments([new Uint8Array([2, 3])]))
  })

  test('two wrapped functions never share a key, although they have no names of their own', () => {
    const cache = createCache({ namespace: 'shop', store: memoryStore() })
    const one = cache.cached(async (id: number) => id, { name: 'a' })
    const two = cache.cached(async (id: number) => id, { name: 'b' })
    const newer = cache.cached(async (id: number) => id, { name: 'c', version: 2 })
    const other = cache.namespace('a').cached(async (id: number) => id, { name: 'a' })
    expect(new Set([one, two, newer, other].map((wrapper) => wrapper.key(1))).size).toBe(4)
  })
})

describe('readability', () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  const product = cache.cached(async (...args: readonly unknown[]) => args, { name: 'product' })

  test('a simple call can be read off its key', () => {
    expect(product.key(42)).toBe('shop/product(42)')
    expect(product.key('42')).toBe('shop/product("42")')
    expect(product.key()).toBe('shop/product()')
    expect(product.key('tv', { page: 2, 'sort by': ['price'] })).toBe('shop/product("tv",{page:2,"sort by":["price"]})')
  })

  test('the version and the namespaces can be read off the key', () => {
    const versioned = cache.namespace('eu').cached(async (id: number) => id, { name: 'product', version: 'v2' })
    expect(versioned.key(42)).toBe('shop/eu/product@v2(42)')
  })

  test('a key that was asked for before is still told from one that prints alike', () => {
    for (let i = 0; i < 2; i++) {
      expect(product.key(1)).toBe('shop/product(1)')
      expect(product.key('1')).toBe('shop/product("1")')
      expect(product.key(1n)).toBe('shop/product(1n)')
      expect(product.key(Number.NaN)).toBe('shop/product(NaN)')
      expect(product.key(-0)).toBe('shop/product(0)')
      expect(product.key(true)).toBe('shop/product(true)')
      expect(product.key(undefined)).toBe('shop/product()')
    }
  })

  test('more different arguments than are remembered change no key', () => {
    for (let round = 0; round < 2; round++) {
      for (let id = 0; id < 2500; id++) expect(product.key(id)).toBe(`shop/product(${id})`)
    }
  })

  test('an argument that is changed between two calls is encoded anew', () => {
    const filter = { page: 1 }
    expect(product.key(filter)).toBe('shop/product({page:1})')
    filter.page = 2
    expect(product.key(filter)).toBe('shop/product({page:2})')
  })

  test('the key option decides what counts', () => {
    const byId = cache.cached(async (user: { id: number; load: () => void }) => user.id, {
      name: 'user',
      key: (user) => user.id,
    })
    expect(byId.key({ id: 7, load: () => {} })).toBe('shop/user(7)')
  })
})

class Money {
  readonly amount: number
  constructor(amount: number) {
    this.amount = amount
  }
}
class Range extends Map<number, number> {}
class Moment extends Date {}
class Pixels extends Uint8Array {}
class Path extends URL {}
class Bag extends Set<number> {}
class List extends Array<number> {}

function deep(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = { a: value }
  return value
}

const sloppyArguments: (...args: unknown[]) => unknown = runInNewContext('(function () { return arguments })')

describe('refusal', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const ring: unknown[] = []
  ring.push([ring])

  const refused: readonly (readonly [string, unknown, string])[] = [
    ['a function', () => 1, 'is a function'],
    ['a class', Money, 'is a function'],
    ['a symbol', Symbol('a'), 'is a symbol'],
    ['a registered symbol', Symbol.for('a'), 'is a symbol'],
    ['an instance of a class', new Money(1), 'is an instance of Money'],
    ['an instance of a class without a name', new (class {})(), 'is an instance of a class'],
    ['a subclass of Map', new Range(), 'is an instance of Range'],
    ['a subclass of Set', new Bag(), 'is an instance of Bag'],
    ['a subclass of Date', new Moment(0), 'is an instance of Moment'],
    ['a subclass of a typed array', new Pixels(1), 'is an instance of Pixels'],
    ['a subclass of URL', new Path('http://a/'), 'is an instance of Path'],
    ['a subclass of Array', List.of(1, 2), 'is an instance of List'],
    ['a boxed number', Object(1), 'is an instance of Number'],
    ['a boxed string', Object('a'), 'is an instance of String'],
    ['a boxed boolean', Object(true), 'is an instance of Boolean'],
    ['a boxed bigint', Object(1n), 'is an instance of BigInt'],
    ['a boxed symbol', Object(Symbol('a')), 'is an instance of Symbol'],
    ['a promise', Promise.resolve(1), 'is an instance of Promise'],
    ['a promise that is traced', Object.assign(Promise.resolve(1), { [Symbol('a')]: 1 }), 'is an instance of Promise'],
    ['an error', new TypeError('a'), 'is an instance of TypeError'],
    ['a regular expression', /a/u, 'is an instance of RegExp'],
    ['a WeakMap', new WeakMap(), 'is an instance of WeakMap'],
    ['shared memory', new SharedArrayBuffer(1), 'is an instance of SharedArrayBuffer'],
    ['an object that inherits contents', Object.create({ a: 1 }), 'is an instance of'],
    ['an iterator', [1].values(), 'is an instance of'],
    ['an array with properties', Object.assign([1], { total: 1 }), 'is an array with properties of its own'],
    [
      'an array with properties and holes',
      Object.assign(arrayOf([HOLE]), { total: 1 }),
      'is an array with properties of its own',
    ],
    ['an array with symbols', Object.assign([1], { [Symbol('a')]: 1 }), 'symbol'],
    ['an object with symbols', { [Symbol('a')]: 1 }, 'has a symbol as a name'],
    ['the arguments of a function', sloppyArguments(1), 'has a symbol as a name'],
    ['a cycle of objects', cycle, 'is nested deeper than 64 levels or cyclic'],
    ['a cycle of arrays', ring, 'is nested deeper than 64 levels or cyclic'],
    ['65 levels', deep(65), 'is nested deeper than 64 levels or cyclic'],
  ]

  test.each(refused)('%s is refused, with the argument and the way out in the message', (_, value, reason) => {
    const error = thrown(() => encodeArguments(['fine', value]))
    expect(error.code).toBe('invalid-key')
    expect(error.message).toMatch(/^argument 2[ .[]/)
    expect(error.message).toContain(reason)
    expect(error.message).toContain('use the `key` option')
  })

  test.each(refused)('%s is refused inside of other values too', (_, value) => {
    for (const outer of [[value], { a: value }, new Map([[1, value]]), new Map([[value, 1]]), new Set([value])]) {
      expect(thrown(() => encodeArguments([outer])).code).toBe('invalid-key')
    }
  })

  test('the message says where in the argument the trouble is', () => {
    const messageOf = (...args: readonly unknown[]) => thrown(() => encodeArguments(args)).message
    expect(messageOf({ filters: [1, { from: () => 1 }] })).toMatch(/^argument 1\.filters\[1\]\.from is a function/)
    expect(messageOf(1, 2, new Map([[Symbol('a'), 1]]))).toMatch(/^argument 3\.keys\(\) is a symbol/)
    expect(messageOf({ a: new Map([[1, Symbol('a')]]) })).toMatch(/^argument 1\.a\.values\(\) is a symbol/)
    expect(messageOf([new Set([new Money(1)])])).toMatch(/^argument 1\[0\]\.values\(\) is an instance of Money/)
  })

  test('64 levels are carried', () => {
    expect(encodeArguments([deep(64)])).toMatch(/^\([[{]/)
  })

  test('the same object twice is not a cycle', () => {
    const shared = { a: 1 }
    expect(encodeArguments([shared, [shared, shared]])).toBe('({a:1},[{a:1},{a:1}])')
  })

  test('a call that cannot have a key rejects and does not throw', async () => {
    const cache = createCache({ namespace: 'shop', store: memoryStore() })
    const wrapped = cache.cached(async (run: () => number) => run(), { name: 'run' })
    await expect(wrapped(() => 1)).rejects.toMatchObject({ code: 'invalid-key' })
    await expect(wrapped.invalidate(() => 1)).rejects.toMatchObject({ code: 'invalid-key' })
    expect(thrown(() => wrapped.key(() => 1)).code).toBe('invalid-key')
  })
})

describe('another realm', () => {
  test('plain objects and arrays of another realm have the keys of ours', () => {
    const foreign: unknown = runInNewContext('({ b: [1, { c: null }], a: "x" })')
    expect(encodeArguments([foreign])).toBe(encodeArguments([{ a: 'x', b: [1, { c: null }] }]))
    expect(encodeArguments([runInNewContext('Object.create(null)')])).toBe(encodeArguments([{}]))
  })

  test('instances of classes of another realm are refused', () => {
    for (const source of ['new (class Money { a = 1 })()', 'Object(1)', 'Promise.resolve()', '() => 1', 'Symbol()']) {
      expect(thrown(() => encodeArguments([runInNewContext(source)])).code).toBe('invalid-key')
    }
  })
})

const shortened = (args: readonly unknown[]): string => shortKey(encodeArguments(args))

describe('long arguments', () => {
  test('200 characters are kept as they are, more are replaced by a hash of 256 bits', () => {
    expect(shortened(['x'.repeat(198)])).toBe(`("${'x'.repeat(198)}")`)
    expect(shortened(['x'.repeat(199)])).toMatch(/^\(#[\da-f]{64}\)$/)
  })

  test('the length of a key is bounded, whatever the arguments', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 50 }), (args) => {
        expect(shortened(args).length).toBeLessThanOrEqual(202)
      }),
    )
    expect(shortened([new Uint8Array(100_000), 'x'.repeat(100_000)])).toHaveLength(67)
  })

  test('long arguments that differ in one character have different keys', () => {
    const text = 'abcdefghij'.repeat(60)
    const keys = new Set([shortened([text])])
    for (let i = 0; i < text.length; i++) keys.add(shortened([`${text.slice(0, i)}*${text.slice(i + 1)}`]))
    expect(keys.size).toBe(text.length + 1)
  })

  test('equal long arguments share a key, whatever the property order', () => {
    const text = 'x'.repeat(300)
    expect(shortened([{ a: text, b: 1 }])).toBe(shortened([{ b: 1, a: text }]))
  })

  test('an argument that looks like a hash is not taken for one', () => {
    const hashed = shortened(['x'.repeat(300)])
    expect(shortened([hashed.slice(1, -1)])).not.toBe(hashed)
  })

  test('100,000 long arguments have 100,000 keys', () => {
    const keys = new Set<string>()
    const padding = 'x'.repeat(200)
    for (let i = 0; i < 100_000; i++) keys.add(shortened([`${padding}${Math.random()}`, i]))
    expect(keys.size).toBe(100_000)
  })
})
