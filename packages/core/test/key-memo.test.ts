import { encodeArguments } from '@shelflife/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'

import { keyMemo, PAUSE } from '../src/key-memo.ts'
import { createMemoBudget } from '../src/memo-budget.ts'

class Money {
  readonly amount = 1
}

const withHole = (value: unknown): unknown => {
  const array: unknown[] = [value]
  array.length = 2
  return array
}
const hidden = (value: unknown): unknown => Object.defineProperty({ a: 1 }, 'b', { value, enumerable: false })

const names = ['a', 'b', '0', '', 'length', '__proto__', 'constructor']
const leaf = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(0, -0, 1, Number.NaN, '', '0', '1', 'a', true, null, undefined) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(1n, 'x'.repeat(101), new Date(0), new Map([[1, 2]]), new Money()) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(Symbol.iterator, () => 1, Object.assign([1], { a: 1 })) },
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
    tie('value').map(withHole),
    tie('value').map(hidden),
    tie('value').map((content) => ({ [Symbol.iterator]: content })),
    tie('value').map((content) => Object.assign(Object.create(null), { a: content })),
    tie('value').map((content) => new Proxy({ a: content, b: [content] }, {})),
    tie('value').map((content) => ({
      get a() {
        return content
      },
    })),
  ),
}))

/** The key, or why there is none. */
function outcome(encode: (args: readonly unknown[]) => string, args: readonly unknown[]): string {
  try {
    return encode(args)
  } catch (error) {
    return String(error)
  }
}

describe('keyMemo', () => {
  test('has for every list of arguments what encoding it gives', () => {
    // one that keeps everything for a while, and one that is always starting anew
    const memos = [createMemoBudget(), createMemoBudget(5000)].map((budget) => keyMemo(encodeArguments, budget))
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), (args) => {
        const expected = outcome(encodeArguments, args)
        // `expect` itself would take most of the time
        return memos.every((memo) => [1, 2, 3].every(() => outcome(memo, args) === expected))
      }),
      { numRuns: 20_000 },
    )
  }, 60_000)

  test('encodes equal arguments once, wherever they are in memory', () => {
    const encode = vi.fn(encodeArguments)
    const memo = keyMemo(encode, createMemoBudget())
    const make = (): readonly unknown[] => ['shop', { page: 1, tags: ['a', null], from: { x: Infinity } }, -0]
    for (let i = 0; i < 10; i++) expect(memo(make())).toBe('("shop",{from:{x:Infinity},page:1,tags:["a",null]},0)')
    expect(encode).toHaveBeenCalledOnce()
  })

  test('what a getter says the second time is not remembered for what it said the first time', () => {
    for (let script = 0; script < 2 ** 6; script++) {
      const memo = keyMemo(encodeArguments, createMemoBudget())
      let reads = 0
      const volatile = {
        get a() {
          return (script >> (reads++ % 6)) & 1
        },
      }
      for (let i = 0; i < 3; i++) expect(['({a:0})', '({a:1})']).toContain(memo([volatile]))
      for (const a of [0, 1, 0, 1]) expect(memo([{ a }])).toBe(`({a:${a}})`)
    }
  })

  test('an object that is changed while it is walked has the key of no other', () => {
    const memo = keyMemo(encodeArguments, createMemoBudget())
    const changing = {
      get a() {
        changing.b++
        return 1
      },
      b: 0,
    }
    for (let i = 0; i < 20; i++) memo([changing])
    for (let b = 0; b < 50; b++) expect(memo([{ a: 1, b }])).toBe(`({a:1,b:${b}})`)
  })

  test('a cycle is refused as ever', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    // so much that not even its bound keeps it from following the cycle to the end of the stack
    const memo = keyMemo(encodeArguments, createMemoBudget(10 ** 8))
    for (let i = 0; i < 3; i++) expect(() => memo([cycle])).toThrow('is nested deeper than 64 levels or cyclic')
  })

  test('remembers only so much, however many arguments there are', () => {
    const encode = vi.fn(encodeArguments)
    const memo = keyMemo(encode, createMemoBudget(10_000))
    for (let id = 0; id < 10_000; id++) for (let i = 0; i < 3; i++) memo([{ id }])
    encode.mockClear()
    for (let id = 9999; id >= 0; id--) memo([{ id }])
    // each takes two steps of its own at least
    expect(10_000 - encode.mock.calls.length).toBeLessThanOrEqual(50)
  })

  test('a large argument does not drive out the others', () => {
    const encode = vi.fn(encodeArguments)
    const memo = keyMemo(encode, createMemoBudget(20_000))
    memo([{ id: 1 }])
    memo([Array.from({ length: 101 }, (_, i) => i)])
    encode.mockClear()
    memo([{ id: 1 }])
    expect(encode).not.toHaveBeenCalled()
  })

  test('does not keep long texts', () => {
    const encode = vi.fn(encodeArguments)
    const memo = keyMemo(encode, createMemoBudget())
    for (const length of [100, 101]) for (let i = 0; i < 2; i++) memo(['x'.repeat(length)])
    expect(encode).toHaveBeenCalledTimes(1 + 2)
  })

  test('pauses where arguments hardly ever come again, and tries once more later', () => {
    const encode = vi.fn(encodeArguments)
    const memo = keyMemo(encode, createMemoBudget())
    for (let id = 0; id < 6000; id++) memo([{ id }])
    encode.mockClear()
    for (let i = 0; i < PAUSE; i++) memo([{ same: 1 }])
    expect(encode.mock.calls.length).toBeGreaterThan(PAUSE - 6000)
    encode.mockClear()
    for (let i = 0; i < 6000; i++) memo([{ same: 1 }])
    expect(encode.mock.calls.length).toBeLessThanOrEqual(1 + 6000)
    encode.mockClear()
    memo([{ same: 1 }])
    expect(encode).not.toHaveBeenCalled()
  })
})
