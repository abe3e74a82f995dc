import { setTimeout as sleep } from 'node:timers/promises'

import { invalidate, read } from '../faults/call.ts'
import { createCourse } from '../faults/course.ts'
import { distinctReads } from '../faults/distinct-reads.ts'
import { openCache } from '../faults/open-cache.ts'
import type { CallersSetup, Order, Word } from '../faults/report.ts'
import { setWallClock } from '../faults/wall-clock.ts'

/** Callers of a cache while a fault comes and goes. Must end by itself when it has closed its caches. */
const setup = JSON.parse(process.argv[2] ?? '') as CallersSetup
const [PROBE_EVERY, GIVE_UP] = [50, 10_000]

const traceOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

const unhandled: string[] = []
process.on('unhandledRejection', (error) => unhandled.push(`rejection: ${traceOf(error)}`))
process.on('uncaughtException', (error) => unhandled.push(`exception: ${traceOf(error)}`))

const course = createCourse(setup.namespace, setup.isFaulty ? 'fault' : 'before')
const { notes, loader, wrong, slow, pending } = course
let recovery = -1
let probes = 0

const tell = (word: Word): void => void process.send?.(word)

/** Until what one process stores is read by another, each time something new. */
async function meet(): Promise<void> {
  while (!course.isOver) {
    const id = ++probes
    await elsewhere.stored.set('stored', id)
    if ((await here.stored(id)) === 'stored') return
    await sleep(PROBE_EVERY)
  }
}

async function recover(): Promise<void> {
  notes.phase = 'recovering'
  const healedAt = performance.now()
  await meet()
  if (course.isOver) return
  recovery = performance.now() - healedAt
  notes.phase = 'after'
  tell({ word: 'recovered' })
}

async function stop(): Promise<void> {
  course.isOver = true
  // what hangs must not keep the process alive, which has to end by itself
  const patience = (): Promise<void> => sleep(GIVE_UP, undefined, { ref: false })
  await Promise.race([Promise.all(running), patience()])
  const { entries } = here.cache.stats()
  const states = [here, elsewhere].map(({ cache }) => JSON.stringify(cache.health()))
  await Promise.race([Promise.all([here.cache.close(), elsewhere.cache.close()]), patience()])
  const heap = process.memoryUsage().heapUsed
  const report = { phases: notes.phases, recovery, states, wrong, slow, hung: [...pending], unhandled, entries, heap }
  process.send?.({ word: 'report', report } satisfies Word, () => process.disconnect())
}

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const here = openCache(course, { name: 'here', target: setup.here, isLocal: setup.isLocal })
const elsewhere = openCache(course, { name: 'elsewhere', target: setup.elsewhere, isLocal: false })
// how it is without a fault does not begin while servers and processes of several rows start
if (!setup.isFaulty) await meet()
const running = Array.from({ length: setup.readers }, () => read(course, here))
running.push(read(course, elsewhere), read(course, elsewhere), invalidate(course, here), invalidate(course, elsewhere))

process.on('message', (order: Order) => {
  if (order.order === 'fault') notes.phase = 'fault'
  if (order.order === 'healed') void recover()
  if (order.order === 'loader') loader.mode = order.mode
  if (order.order === 'block') block(order.ms)
  if (order.order === 'clock') setWallClock(order.offset)
  if (order.order === 'distinct') void distinctReads(here.cache, order.keys).then(() => tell({ word: 'distinct' }))
  if (order.order === 'stop') void stop()
})
process.once('disconnect', () => {
  if (!course.isOver) process.exit(1)
})
tell({ word: 'ready' })
