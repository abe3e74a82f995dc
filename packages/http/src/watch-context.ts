import { asyncStorage, OWN_STORAGE, ownStorage } from '@shelflife/core/integration'
import type { AsyncStorage } from '@shelflife/core/integration'

import { isHarmless } from './identity.ts'

/** Watches what is read of an async context. */
export interface ContextWatch {
  /** Runs a handler: what it reads of the context is noted, also later. */
  run<Result>(handler: () => Promise<Result>): Promise<Result>
  /**
   * From now on, until what it returns is called, reads count outside the context of the handler as well: by what they find,
   * which was there when the watch was made.
   */
  leave(): () => void
}

interface Watching {
  /** Is told when something is read that was in the async context when the watch was made. */
  readonly note: (path: string) => void
  /** What the framework itself keeps there. */
  readonly own?: object | undefined
}

interface Watch {
  /** Whether a storage holds this since before the handler. */
  isFromOutside(storage: AsyncStorage<unknown>, value: unknown): boolean
  note(storage: AsyncStorage<unknown>, value: unknown): void
}

/**
 * Contexts of what observes a process, OpenTelemetry and Elastic APM, by class and methods: nothing is answered from them.
 * Others have classes of such names as well.
 */
const OF_OBSERVERS: Readonly<Record<string, readonly string[]>> = {
  BaseContext: ['getValue', 'setValue', 'deleteValue'],
  RunContext: ['currTransaction', 'currSpan', 'enterTrans', 'enterSpan'],
}

/** What the class of an object is called; `''` for a plain one, and for what is none. */
function classOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  const { constructor } = value as { constructor?: unknown }
  return typeof constructor === 'function' && constructor !== Object ? constructor.name : ''
}

/**
 * Whether an object is nothing but loggers and the like, and its class decides so: it has no methods, and all of its
 * properties are harmless. What is plain has others for other clients.
 */
function isOfLogger(value: unknown): boolean {
  if (classOf(value) === '') return false
  const prototype = Object.getPrototypeOf(value) as object
  const names = Reflect.ownKeys(value as object)
  return (
    Object.getPrototypeOf(prototype) === Object.prototype &&
    Reflect.ownKeys(prototype).length === 1 &&
    names.length > 0 &&
    names.every((name) => typeof name === 'string' && isHarmless(name))
  )
}

/** Nothing is answered from what only observes. */
function isOfObserver(value: unknown): boolean {
  const name = classOf(value)
  const methods = Object.hasOwn(OF_OBSERVERS, name) ? OF_OBSERVERS[name] : undefined
  return (
    methods?.every((method) => typeof Reflect.get(Object(value) as object, method) === 'function') ?? isOfLogger(value)
  )
}

let watches: AsyncStorage<Watch> | undefined
/** Those whose handlers are answered for outside their context. */
const left = new Set<Watch>()
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
    for (const one of watch === undefined ? left : [watch]) if (one.isFromOutside(this, found)) one.note(this, found)
    return found
  }
  try {
    Object.defineProperty(prototype, 'getStore', { value, writable: true, configurable: true })
    watches = own
  } catch {
    // a runtime that keeps its own from being changed
  }
}

/**
 * Puts the function in front that watches what is read of async contexts, where there are any. A `getStore` that was bound to
 * its storage before is not seen.
 */
export function installContextWatch(): void {
  const Storage = asyncStorage()
  if (Storage?.snapshot !== undefined) install(Storage.prototype)
}

/** How it is called in `unkeyed`: since Node 24 a storage can have a name, and what it holds can have a class. */
const pathOf = (storage: AsyncStorage<unknown>, value: unknown): string => {
  const { name: given } = storage as { readonly name?: unknown }
  const name = typeof given === 'string' && given !== '' ? given : classOf(value)
  return /^[\w.-]+$/.test(name) ? `AsyncLocalStorage.${name}` : 'AsyncLocalStorage'
}

const NOT_WATCHED: ContextWatch = { run: (handler) => handler(), leave: () => () => {} }

/**
 * Notes what a handler reads from the async context of its request: what was put there before it is one client's as much as
 * what was put on the request.
 */
export function watchContext({ note, own }: Watching): ContextWatch {
  installContextWatch()
  const installed = watches
  const before = asyncStorage()?.snapshot?.()
  if (installed === undefined || before === undefined) return NOT_WATCHED
  const watch: Watch = {
    isFromOutside: (storage, value) =>
      value !== own && !isOfObserver(value) && before(() => getStore(storage)) === value,
    note: (storage, value) => note(pathOf(storage, value)),
  }
  return {
    run: (handler) => installed.run(watch, handler),
    leave() {
      left.add(watch)
      return () => void left.delete(watch)
    },
  }
}
