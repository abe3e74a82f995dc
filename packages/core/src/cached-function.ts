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

/** A wrapped function. Where there are type parameters or several signatures, calls keep them. */
export type CachedFunction<Fn> =
  Plain<Fn> extends Fn
    ? Cached<ParametersOf<Fn>, Awaited<ResultOf<Fn>>>
    : [keyof Fn, ResultOf<Fn>] extends [never, PromiseLike<unknown>]
      ? Fn & Cached<ParametersOf<Fn>, Awaited<ResultOf<Fn>>>
      : Cached<ParametersOf<Fn>, Awaited<ResultOf<Fn>>>

/** What a function must be beside itself: one that needs its object would be called without. */
export type WithoutThis<Fn> =
  unknown extends ThisParameterType<Fn>
    ? unknown
    : ThisParameterType<Fn> extends void
      ? unknown
      : 'wrap a function that calls the method, because a wrapped one has no `this`'
