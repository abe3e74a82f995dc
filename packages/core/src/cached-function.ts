import type { Cached } from './cached.ts'

/** The parameters of a function; of one with several signatures, those of any of the last four. */
export type ParametersOf<Fn> = Fn extends {
  (...args: infer A): unknown
  (...args: infer B): unknown
  (...args: infer C): unknown
  (...args: infer D): unknown
}
  ? A | B | C | D
  : never

type ResultOf<Fn> = Fn extends {
  (...args: never): infer A
  (...args: never): infer B
  (...args: never): infer C
  (...args: never): infer D
}
  ? A | B | C | D
  : never

/** What a function with one signature of plain types has: nothing is lost when they are written anew. */
type Plain<Fn> = (...args: ParametersOf<Fn>) => ResultOf<Fn>

/** What each of the last four signatures of a function, or of all that it may be, is called on. */
type ThisOfEach<Fn> = [Fn] extends [
  {
    (this: infer A, ...args: never): unknown
    (this: infer B, ...args: never): unknown
    (this: infer C, ...args: never): unknown
    (this: infer D, ...args: never): unknown
  },
]
  ? readonly [A, B, C, D]
  : never

type OnNothing = readonly [void, void, void, void]

/** A wrapped function. Where there are type parameters or several signatures, calls keep them. */
export type CachedFunction<Fn> =
  OnNothing extends ThisOfEach<Fn>
    ? Plain<Fn> extends Fn
      ? Cached<ParametersOf<Fn>, Awaited<ResultOf<Fn>>>
      : [keyof Fn, ResultOf<Fn>] extends [never, PromiseLike<unknown>]
        ? Fn & Cached<ParametersOf<Fn>, Awaited<ResultOf<Fn>>>
        : Cached<ParametersOf<Fn>, Awaited<ResultOf<Fn>>>
    : 'wrap a function that calls the method, because a wrapped one has no `this`'

/**
 * What a function must be beside itself: one that needs its object would be called without. A type parameter satisfies both
 * sides, so that a wrapper may have one. So does a function of which only some signatures need their object: what is made
 * of it cannot be called.
 */
export type WithoutThis<Fn> = OnNothing extends ThisOfEach<Fn> ? unknown : (this: void, ...args: never) => unknown
