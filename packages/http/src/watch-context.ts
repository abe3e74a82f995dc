import { asyncStorage, OWN_STORAGE, ownStorage } from '@shelflife/core/integration'
import type { AsyncStorage } from '@shelflife/core/integration'

interface Watching<Result> {
  /** Runs a handler. */
  readonly run: () => Promise<Result>
  /** Is told when it reads what was in the async context before it. */
  readonly note: (path: string) => void
  /** What the framework itself keeps there. */
  readonly own: object | undefined
}

interface Watch {
  /** Whether a storage holds this since before the handler. */
  isFromOutside(storage: AsyncStorage<unknown>, value: unknown): boolean
  note(storage: AsyncStorage<unknown>): void
}

/** Contexts of what observes a process: nothing is answered from them. OpenTelemetry, Elastic APM. */
const OF_OBSERVERS: ReadonlySet<string> = new Set(['BaseContext', 'BasicRunContext', 'RunContext'])

const isOfObserver = (value: unknown): boolean => {
  const { constructor } = Object(value) as { constructor?: { name?: unknown } }
  return OF_OBSERVERS.has(String(constructor?.name))
}

let watches: AsyncStorage<Watch> | undefined
let getStore = (_storage: AsyncStorage<unknown>): unknown => undefined

/** Storages do not tell what is read from them, so all of them are made to. */
function install(prototype: AsyncStorage<unknown>): void {
  if (watches !== undefined) return
  const own = ownStorage<Watch>()
  const original = prototype.getStore
  getStore = (storage) => original.call(storage)
  const value = function (this: AsyncStorage<unknown>): unknown {
    const found = getStore(this)
    if (found === undefined || OWN_STORAGE in this) return found
    const watch = getStore(own as AsyncStorage<unknown>) as Watch | undefined
    if (watch?.isFromOutside(this, found) === true) watch.note(this)
    return found
  }
  try {
    Object.defineProperty(prototype, 'getStore', { value, writable: true, configurable: true })
    watches = own
  } catch {
    // a runtime that keeps its own from being changed
  }
}

/** How it is called in `unkeyed`. Since Node 24 a storage can have a name. */
const pathOf = (storage: AsyncStorage<unknown>): string => {
  const { name } = storage as { readonly name?: unknown }
  return typeof name === 'string' && name !== '' ? `AsyncLocalStorage.${name}` : 'AsyncLocalStorage'
}

/**
 * Runs a handler, and notes what it reads from the async context of its request: what was put there before it is one
 * client's as much as what was put on the request.
 */
export function watchContext<Result>({ run, note, own }: Watching<Result>): Promise<Result> {
  const Storage = asyncStorage()
  const before = Storage?.snapshot?.()
  if (Storage === undefined || before === undefined) return run()
  install(Storage.prototype)
  if (watches === undefined) return run()
  const watch: Watch = {
    isFromOutside: (storage, value) =>
      value !== own && !isOfObserver(value) && before(() => getStore(storage)) === value,
    note: (storage) => note(pathOf(storage)),
  }
  return watches.run(watch, run)
}
