import { oneServer } from './one-server.ts'
import type { Run } from './run-fault.ts'
import { faultsOn } from './run-fault.ts'

/** Between the cache under test and its server; another process still reaches the server. */
export const proxyFaults: readonly Run[] = faultsOn(oneServer, [
  {
    name: 'connection cut mid-reply',
    lasts: 3000,
    cause({ proxy }) {
      proxy.cutAfter = 3000
    },
    heal({ proxy }) {
      proxy.cutAfter = Infinity
    },
  },
  {
    name: 'half-open socket for 5 s',
    lasts: 5000,
    cause({ proxy }) {
      proxy.mode = 'blackhole'
    },
    heal({ proxy }) {
      proxy.mode = 'pass'
    },
  },
  {
    name: '500 ms latency',
    lasts: 4000,
    cause({ proxy }) {
      // each way
      proxy.delay = 250
    },
    heal({ proxy }) {
      proxy.delay = 0
    },
  },
  {
    name: '1 byte per 100 ms',
    lasts: 4000,
    cause({ proxy }) {
      proxy.pace = { bytes: 1, every: 100 }
    },
    heal({ proxy }) {
      proxy.pace = undefined
    },
  },
])
