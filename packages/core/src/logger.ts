import type { EventType, Events } from './events.ts'

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

/** Writes what somebody should look at: never a hit or a miss, never a value. */
export function attachLogger(events: Events, logger: Logger): void {
  for (const [type, level] of Object.entries(LEVELS) as [Logged, keyof Logger][]) {
    events.on(type, (event) => {
      // only a value that cannot be stored is a surprise; the others were asked for
      if ('because' in event && event.because !== 'unsupported') return
      logger[level](event, `shelflife: ${type}`)
    })
  }
}
