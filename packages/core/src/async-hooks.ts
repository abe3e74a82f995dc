/** The part of `AsyncLocalStorage` that is used here. */
export interface AsyncStorage<Value> {
  run<Result>(value: Value, run: () => Result): Result
  getStore(): Value | undefined
}

export interface AsyncStorageClass {
  new <Value>(): AsyncStorage<Value>
  /** Keeps the async context of this moment, and runs functions in it. Bun and Deno had it later than the rest. */
  snapshot?(): <Result>(run: () => Result) => Result
  readonly prototype: AsyncStorage<unknown>
}

interface Host {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: AsyncStorageClass } | undefined
  }
}

/** On storages of our own: what is in them is nobody's. */
export const OWN_STORAGE: unique symbol = Symbol.for('shelflife.storage') as never

/**
 * `AsyncLocalStorage` where the runtime gives it without an import that others could not resolve: Node from 20.16, Bun, Deno,
 * Workers with `nodejs_compat`.
 */
export const asyncStorage = (): AsyncStorageClass | undefined =>
  (globalThis as Host).process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage

/** A storage of our own. */
export function ownStorage<Value>(): AsyncStorage<Value> | undefined {
  const Storage = asyncStorage()
  return Storage && Object.assign(new Storage<Value>(), { [OWN_STORAGE]: true })
}

/**
 * Keeps the async context of this moment. What it runs sees nothing of the caller on whose behalf it happens to be run.
 *
 * @example const outside = createOutside()
 */
export const createOutside = (): (<Result>(run: () => Result) => Result) =>
  asyncStorage()?.snapshot?.() ?? ((run) => run())
