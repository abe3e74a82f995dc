/** A promise that is settled from outside. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function deferred<T>(): Deferred<T> {
  let resolve = (_value: T): void => {}
  let reject = (_error: unknown): void => {}
  const promise = new Promise<T>((...both) => {
    ;[resolve, reject] = both
  })
  // whoever needs it sees it; perhaps nobody does
  promise.catch(() => {})
  return { promise, resolve, reject }
}
