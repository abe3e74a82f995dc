import type { RemoteStore } from '@shelflife/core'

import type { Race } from './race.ts'
import { runRace } from './race.ts'

/**
 * What a child process does that `spawn` of `describeStore` has started with `fork`: connects to the store, takes part in what
 * the suite does in several processes at once, and ends.
 *
 * @throws Error in a process that was not started with `fork`, and what `connect` throws
 * @example
 * // test/children/store.ts, for `spawn: () => fork('test/children/store.ts', [url])`
 * await serveStore(async () => exampleStore(process.argv[2]))
 */
export async function serveStore(connect: () => RemoteStore | Promise<RemoteStore>): Promise<void> {
  if (process.send === undefined) throw new Error('serveStore needs a process that was started with fork')
  const store = await connect()
  process.once('message', (race: Race) => {
    void runRace(store, race).then(async (log) => {
      await store.close()
      process.send?.(log, () => process.disconnect())
    })
  })
  process.send('ready')
}
