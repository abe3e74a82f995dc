import { createCache, systemClock } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { createCatalogue } from './catalogue.ts'
import { createCrowd } from './crowd.ts'
import { MAX_DRIFT } from './limits.ts'
import { createNotes } from './notes.ts'
import { openStore } from './open-store.ts'
import { createRandom } from './random.ts'
import { read } from './reader.ts'
import type { Report, WorkerSetup } from './report.ts'
import { readStock } from './stock-reader.ts'
import { createStock } from './stock.ts'
import { write } from './writer.ts'

/** One process of the soak. Reports until it is told to stop, then has to end by itself. */
const setup = JSON.parse(process.argv[2] ?? '') as WorkerSetup
const { cluster, isLocal, skew, seed, readers, isSaboteur, id, budget, isBusy } = setup
const REPORT_EVERY = 100
/** Fewer than crowds ask for, so that they come to the remote store. */
const BUSY_COPIES = 3000

const clock = isBusy ? systemClock : { ...systemClock, now: () => systemClock.now() + skew }
const options = { clock, ...(budget !== undefined && { budget: { read: budget, write: budget } }) }
const remote = openStore(setup, options)
const cache = createCache({
  namespace: 'soak',
  store: isLocal ? [memoryStore({ clock, ...(isBusy && { maxEntries: BUSY_COPIES }) }), remote] : remote,
  clock,
  maxDrift: MAX_DRIFT,
  // else a copy may be served for longer when the store is away, which it never is for a crowd
  ...(!isBusy && { partitionTtl: MAX_DRIFT, lease: '1s' }),
})

const random = createRandom(seed)
const notes = createNotes()
const shelves = createCatalogue({
  cache,
  random,
  loaded: (error) => notes.count(error === undefined ? 'loads' : 'loads that failed'),
})

cache.on('refuse', () => notes.count('refused commits'))
cache.on('gap', ({ lostWrites }) => {
  notes.count('gaps noticed')
  if (lostWrites) notes.lost()
})
cache.on('storeError', ({ error }) => {
  notes.count('store errors')
  notes.trouble(String(error))
})
cache.on('breaker', ({ state }) => state === 'open' && notes.count('breaker openings'))
cache.on('backgroundError', ({ error }) => {
  notes.count('background errors')
  notes.error(error)
})
process.on('unhandledRejection', notes.error)

let isOver = false
const send = (report: Report): void => void process.send?.(report)
const owes = (): boolean => cache.health().stores.some(({ owed = 0 }) => owed > 0)
function illness(): string {
  const ill = cache.health().stores.filter(({ state, owed = 0, bus }) => state !== 'up' || owed > 0 || bus === 'behind')
  return ill.length === 0 ? '' : JSON.stringify(ill)
}
const how = (isLast: boolean) => ({ isLast, owes: owes(), ill: illness() })
const reporting = setInterval(() => send(notes.take(how(false))), REPORT_EVERY)

async function stop(): Promise<void> {
  isOver = true
  await Promise.all(running)
  await cache.close()
  clearInterval(reporting)
  // what is large is not written at once
  process.send?.(notes.take(how(true)), () => process.disconnect())
}

process.once('message', () => void stop())
// the harness is gone
process.once('disconnect', () => {
  if (!isOver) process.exit(1)
})

// where loads of what is there count, a `clear` of everything would leave nothing
const isKept = isBusy || cluster !== undefined
const input = { cache, shelves, random, notes, isSaboteur, isKept, id }
const running = Array.from({ length: readers }, () => read(input, () => isOver))
running.push(write(input, () => isOver))

if (cluster !== undefined) running.push(readStock({ ...input, stock: createStock(cache, notes) }, () => isOver))
if (isBusy) {
  const crowd = createCrowd({ ...input, stock: createStock(cache, notes) })
  running.push(
    crowd.burst(() => isOver),
    crowd.burst(() => isOver),
    crowd.stall(() => isOver),
  )
}
