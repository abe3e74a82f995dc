import { AsyncLocalStorage } from 'node:async_hooks'
import { Observable } from 'rxjs'

/** The same, but in the async context that is there now: Nest subscribes elsewhere to what an interceptor returns. */
export function boundHere<Value>(source: Observable<Value>): Observable<Value> {
  const here = AsyncLocalStorage.snapshot()
  return new Observable((subscriber) => here(() => source.subscribe(subscriber)))
}
