export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

/** A promise that is settled from outside. */
export function deferred<T = void>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = () => {}
  let reject: Deferred<T>['reject'] = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** Resolves when everything has happened that needs neither time nor a promise of the test. */
export const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const pending: unique symbol = Symbol('pending')

/** What a promise comes to without time passing, or `pending`. */
export const soon = async <T>(promise: Promise<T>): Promise<T | typeof pending> =>
  Promise.race([promise, quiet().then((): typeof pending => pending)])

export interface Source<T> {
  /** The loader. */
  load(): Promise<T>
  /** Its runs so far. */
  readonly runs: readonly Deferred<T>[]
}

/** A source whose every load ends when the test says so. */
export function createSource<T = string>(): Source<T> {
  const runs: Deferred<T>[] = []
  return {
    runs,
    load() {
      const run = deferred<T>()
      runs.push(run)
      return run.promise
    },
  }
}
