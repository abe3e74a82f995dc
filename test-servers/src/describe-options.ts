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

function expectRefused(make: () => unknown, message: string): void {
  let thrown: unknown
  try {
    make()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ code: 'invalid-option', message: expect.stringContaining(message) })
}

/** Options of a type that nobody's checker has seen are refused by every Redis store in the same words. */
export function describeOptions(make: (options: never) => unknown): void {
  test.each(WRONG)('wrong options are invalid-option: %s', (message, options) => {
    expectRefused(() => make(options as never), message)
  })
}

const NO_TARGETS: readonly unknown[] = [
  undefined,
  null,
  6379,
  5n,
  true,
  Symbol('redis'),
  () => 'redis://localhost',
  [],
  ['redis://localhost'],
  [{ host: 'localhost' }],
  [{ socket: { host: 'localhost' } }],
  new Map([['host', 'localhost']]),
  new Map([['url', 'redis://localhost']]),
  new String('redis://localhost'),
  Promise.resolve('redis://localhost'),
  new Date(),
]

/** What every client has. */
const CLIENT = { connect: () => Promise.resolve(), duplicate: () => {} }

/** What is neither text, options nor a client is refused, with that of one store's own: each would lead to localhost. */
export function describeTargets(make: (target: never) => unknown, own: readonly unknown[]): void {
  test.each([...NO_TARGETS, ...own].map((target) => [target]))('what is no target is refused: %s', (target) => {
    expectRefused(() => make(target as never), 'must be')
  })

  test.each(['client', 'redis', 'connection'])('a client among options is refused: %s', (name) => {
    expectRefused(() => make({ [name]: CLIENT } as never), `the first argument has ${name}, which is a client`)
  })
}
