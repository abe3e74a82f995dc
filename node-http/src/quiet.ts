/** What a stream says of itself as long as nothing has ended it. */
export const OPEN: Readonly<Record<string | symbol, unknown>> = {
  aborted: false,
  closed: false,
  destroyed: false,
  errored: null,
  readable: true,
  readableAborted: false,
  readableEnded: false,
  readyState: 'open',
  rstCode: 0,
  writable: true,
  writableAborted: false,
  writableEnded: false,
  writableFinished: false,
}

/** The same in the state of a stream, which `finished` of Node looks at. */
const OPEN_STATE: typeof OPEN = {
  closed: false,
  closeEmitted: false,
  destroyed: false,
  ended: false,
  endEmitted: false,
  errored: null,
  errorEmitted: false,
  finished: false,
}

const STATES: ReadonlySet<string | symbol> = new Set(['_readableState', '_writableState'])

/** What tells of an end. */
const ENDS: ReadonlySet<unknown> = new Set(['aborted', 'close', 'end', 'error', 'finish'])

const LISTENS: ReadonlySet<string | symbol> = new Set([
  'on',
  'once',
  'addListener',
  'prependListener',
  'prependOnceListener',
])

/** What ends a stream, whatever became of it before. */
const BREAKS: ReadonlySet<string | symbol> = new Set(['destroy', 'destroySoon', 'resetAndDestroy', 'end', 'close'])

type Listener = (...args: readonly unknown[]) => unknown
type Method = (...args: readonly unknown[]) => unknown

interface ToQuiet {
  isHidden(): boolean
  /** Calls what hears of an end, at once or when it may. */
  hear(tell: () => unknown): void
  /** Is told when it is ended by whom it is shown to. */
  broken(): void
  /** Is told of a time-out that is set on it. */
  timed(ms: number, callback?: () => void): void
}

/** The state of a stream as if nothing had ended it. */
export const openState = (state: object): object =>
  new Proxy(state, {
    get: (target, name) => (Object.hasOwn(OPEN_STATE, name) ? OPEN_STATE[name] : Reflect.get(target, name, target)),
  })

/** A socket, or a stream of HTTP/2 with its session, that tells nothing of its end as long as that is hidden. */
export function quiet<Target extends object>(stream: Target, how: ToQuiet): Target {
  const { isHidden, hear, broken, timed } = how
  // now: afterwards it may have none of them any more
  const open = new Map(Object.entries(OPEN).filter(([name]) => Reflect.get(stream, name) !== undefined))
  const { session } = stream as { readonly session?: unknown }
  if (typeof session === 'object' && session !== null)
    open.set('session', quiet(session, { ...how, broken() {}, timed() {} }))
  const dropped = new WeakSet<Listener>()
  const listen =
    (method: Method) =>
    (event: unknown, listener: Listener): Target => {
      dropped.delete(listener)
      const heard = (...args: readonly unknown[]): void =>
        hear(() => dropped.has(listener) || Reflect.apply(listener, shown, args))
      // by this it is found when it is taken away
      method.call(stream, event, ENDS.has(event) ? Object.assign(heard, { listener }) : listener)
      return shown
    }
  const drop =
    (method: Method) =>
    (event: unknown, listener: Listener): Target => {
      if (ENDS.has(event)) dropped.add(listener)
      method.call(stream, event, listener)
      return shown
    }
  const breaking =
    (method: Method) =>
    (...args: readonly unknown[]): unknown => {
      const isBreaking = isHidden()
      const result = Reflect.apply(method, stream, args)
      if (isBreaking) broken()
      return result
    }
  const timing =
    (method: Method) =>
    (ms: number, callback?: () => void): Target => {
      const listener = callback?.bind(shown as never)
      timed(ms, listener)
      // by that it is found when the time-out is taken back
      Reflect.apply(method, stream, [
        ms,
        Number(ms) > 0 && listener ? Object.assign(listener, { listener: callback }) : callback,
      ])
      return shown
    }
  const shown: Target = new Proxy(stream, {
    get(target, name) {
      if (isHidden() && open.has(name as string)) return open.get(name as string)
      const value: unknown = Reflect.get(target, name, target)
      if (STATES.has(name) && isHidden()) return openState(value as object)
      if (typeof value !== 'function') return value
      if (LISTENS.has(name)) return listen(value as Method)
      if (BREAKS.has(name)) return breaking(value as Method)
      if (name === 'setTimeout') return timing(value as Method)
      return name === 'off' || name === 'removeListener' ? drop(value as Method) : (value.bind(target) as unknown)
    },
    set: (target, name, value, receiver) => Reflect.set(target, name, value, receiver === shown ? target : receiver),
  })
  return shown
}

/** A signal that aborts with another one, when that may be heard. */
export function quietSignal(signal: AbortSignal, { hear }: Pick<ToQuiet, 'hear'>): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => hear(() => controller.abort(signal.reason))
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}
