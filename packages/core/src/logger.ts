import type { Clock } from './clock.ts'
import { ShelflifeError } from './errors.ts'
import type { CacheEvents, EventType, Events } from './events.ts'

type Log = (details: object, message: string) => void

/** The methods that Shelflife calls. pino and `console` have them. */
export interface Logger {
  readonly warn: Log
  readonly error: Log
}

const LEVELS = {
  loadFailure: 'warn',
  storeError: 'warn',
  breaker: 'warn',
  corrupt: 'warn',
  gap: 'warn',
  overflow: 'warn',
  untold: 'warn',
  advice: 'warn',
  skip: 'warn',
  backgroundError: 'error',
} satisfies Partial<Record<EventType, keyof Logger>>

type Logged = keyof typeof LEVELS

/** Commands that were under way fail together: of one store and command one is written within so many milliseconds. */
const PAUSE = 1000

/** Writes what somebody should look at: never a hit or a miss, never a value. */
export function attachLogger(events: Events, logger: Logger, { now }: Pick<Clock, 'now'>): void {
  const written = new Map<string, { readonly at: number; more: number }>()

  /** What is added to the message; `undefined`: it is not written now. */
  function suffixOf(type: Logged, event: object): string | undefined {
    if (type !== 'storeError') return ''
    const { store, command } = event as CacheEvents['storeError']
    const of = `${store} ${command}`
    const last = written.get(of)
    const at = now()
    if (last !== undefined && at - last.at < PAUSE) {
      last.more++
      return undefined
    }
    written.set(of, { at, more: 0 })
    return last === undefined || last.more === 0 ? '' : `, and ${last.more} more before it`
  }

  for (const [type, level] of Object.entries(LEVELS) as [Logged, keyof Logger][]) {
    events.on(type, (event) => {
      // only a value that cannot be stored is a surprise; the others were asked for
      if ('because' in event && event.because !== 'unsupported') return
      const suffix = suffixOf(type, event)
      if (suffix !== undefined) logger[level](event, `shelflife: ${type}${suffix}`)
    })
  }
}

/** Where nobody has given a logger, says once for each name what will be loaded each time, and which names are used twice. */
export function warnWithoutLogger({ on }: Events): void {
  const told = new Set<string>()
  // what others throw may have the value in it
  const warn = (what: string, error: unknown): void =>
    // oxlint-disable-next-line no-console
    console.warn(`[shelflife] ${what}`, error instanceof ShelflifeError ? error.message : 'why is in the event `skip`')
  on('skip', ({ name, because, error }) => {
    if (because !== 'unsupported' || told.has(name)) return
    told.add(name)
    warn(`values of ${name === '' ? 'cache.set() or getOrLoad()' : `'${name}'`} are not stored:`, error)
  })
  on('backgroundError', ({ error }) => {
    if (error instanceof ShelflifeError && error.code === 'duplicate-name')
      warn('two functions share their values:', error)
  })
}
