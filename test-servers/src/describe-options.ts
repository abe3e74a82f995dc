import { expect, test } from 'vitest'

const WRONG: readonly (readonly [message: string, options: unknown])[] = [
  ['must be an object', null],
  ["there is no option 'maxValueByte'", { maxValueByte: 5 }],
  ['budget must be an object', { budget: null }],
  ["budget: there is no option 'reads'", { budget: { reads: 5 } }],
  ['codec.encode must be a function', { codec: 5 }],
  ['clock.now must be a function', { clock: 5 }],
  ['maxValueBytes must be a positive', { maxValueBytes: 5n }],
]

/** Options of a type that nobody's checker has seen are refused by every Redis store in the same words. */
export function describeOptions(make: (options: never) => unknown): void {
  test.each(WRONG)('wrong options are invalid-option: %s', (message, options) => {
    let thrown: unknown
    try {
      make(options as never)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'invalid-option', message: expect.stringContaining(message) })
  })
}
