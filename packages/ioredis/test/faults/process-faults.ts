import type { OneServer } from './one-server.ts'
import { oneServer } from './one-server.ts'
import type { LoaderMode } from './report.ts'
import { HARD_TIMEOUT, HOUR } from './report.ts'
import type { Fault, Run } from './run-fault.ts'
import { faultsOn } from './run-fault.ts'

const BLOCKED = 2000

const loaderThat = (name: string, mode: LoaderMode, more: Partial<Fault<OneServer>> = {}): Fault<OneServer> => ({
  name,
  lasts: 3000,
  cause: (_, everybody) => everybody.send({ order: 'loader', mode }),
  heal: (_, everybody) => everybody.send({ order: 'loader', mode: 'works' }),
  ...more,
})

/** In the process itself, and in what it loads. */
export const processFaults: readonly Run[] = faultsOn(oneServer, [
  {
    name: 'event loop blocked for 2 s',
    lasts: BLOCKED,
    allowance: BLOCKED,
    cause: (_, everybody) => everybody.send({ order: 'block', ms: BLOCKED }),
  },
  ...[-HOUR, HOUR].map((offset): Fault<OneServer> => ({
    name: `clock of the process set ${offset < 0 ? 'back' : 'forward'} by an hour`,
    cause: (_, everybody) => everybody.send({ order: 'clock', offset }),
    heal: (_, everybody) => everybody.send({ order: 'clock', offset: 0 }),
  })),
  loaderThat('loader throws', 'throws'),
  loaderThat('loader hangs', 'hangs', { allowance: HARD_TIMEOUT }),
  loaderThat('loader returns undefined', 'undefined'),
  loaderThat('loader throws a non-Error', 'non-error'),
  loaderThat('loader resolves after its timeout', 'late', { allowance: HARD_TIMEOUT }),
])

/** A million takes minutes. */
const DISTINCT = Number(process.env['DISTINCT_KEYS'] ?? 20_000)

/** Keep the machine so busy that others would notice. */
export const busyFaults: readonly Run[] = faultsOn(oneServer, [
  // each copy of it blocks the event loop, and each attempt to encode it: seconds, where other rows copy as well
  loaderThat('100 MB value', 'huge', { readers: 4, allowance: 5000 }),
  {
    name: `${DISTINCT} distinct keys`,
    lasts: 0,
    cause(_, everybody) {
      everybody.send({ order: 'distinct', keys: DISTINCT })
      return everybody.heard('distinct')
    },
  },
])
