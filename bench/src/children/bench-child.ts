import { setTimeout as sleep } from 'node:timers/promises'

import { timeOf } from '../measure/rounds.ts'
import type { Prepared } from '../operations/operation.ts'
import { OPERATIONS } from '../operations/operations.ts'
import { loadPeer } from '../peers/load-peer.ts'
import type { OpenOptions, Subject } from '../peers/peer.ts'
import type { End } from './calls.ts'
import { calls } from './calls.ts'
import { held } from './held.ts'

/** How a part opens a cache in a process of its own. Loads take `delay` milliseconds and give a new number each time. */
export interface BenchOptions extends Pick<OpenOptions, 'layout' | 'url' | 'ttl' | 'stale' | 'maxEntries'> {
  readonly peer: string
  readonly delay?: number
  /** Whether all entries have the label `label`. */
  readonly isLabelled?: boolean
}

/** Milliseconds that an operation is run before it is measured: V8 compiles what is called often, and that takes a while. */
const WARM_UP = 250

/** One process of a benchmark. */
let prepared: Prepared | undefined
let subject: Subject | undefined
let loads = 0

function opened(): Subject {
  if (subject === undefined) throw new Error('nothing is open')
  return subject
}

/** Of all processes of this machine alike, in milliseconds. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6

calls(process as End, {
  async prepare(operation: string, peer: string, url: string) {
    prepared = await OPERATIONS[operation]?.prepare(await loadPeer(peer), url)
    const end = now() + WARM_UP
    while (now() < end) await prepared?.run()
  },
  async measure() {
    if (prepared === undefined) throw new Error('nothing is prepared')
    const { run, operations = 1 } = prepared
    return (await timeOf(run)) / operations
  },

  async open({ peer, delay = 0, isLabelled = false, ...options }: BenchOptions) {
    const load = async (): Promise<unknown> => {
      loads++
      const began = now()
      if (delay > 0) await sleep(delay)
      return { began }
    }
    const tags = isLabelled ? { tags: () => ['label'] } : {}
    subject = await (await loadPeer(peer)).open({ ...options, load, keep: (kept) => kept, ...tags })
  },
  read: (...args: readonly unknown[]) => opened().read(...args),
  /** So many callers of one key at once: how many loads they caused, and how long the slowest of them waited. */
  async crowd(key: string, callers: number) {
    const before = loads
    const began = now()
    await Promise.all(Array.from({ length: callers }, () => opened().read(key)))
    return { loads: loads - before, time: now() - began }
  },
  loads: () => loads,

  /** Reads so many keys for the first time. */
  async fill(count: number, lanes: number) {
    let key = 0
    async function lane(): Promise<void> {
      while (key < count) await opened().read(`user-${key++}`)
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  },
  /** Invalidates the label: how long that took, in milliseconds. */
  async invalidateLabel() {
    const began = now()
    await opened().invalidateLabel?.('label')
    return now() - began
  },

  /** Bytes that each of so many small entries takes. */
  entryBytes: async (peer: string, count: number) => held(await loadPeer(peer), count),

  /** Reads until the value was loaded after `since`: the moment when that was seen. */
  async watch(key: string, since: number) {
    for (;;) {
      const { began } = (await opened().read(key)) as { readonly began: number }
      if (began > since) return now()
      await new Promise(setImmediate)
    }
  },
  /** The moments when it was called and when it was done. */
  async invalidate(key: string) {
    const called = now()
    await opened().invalidate?.(key)
    return { called, done: now() }
  },
  close: () => opened().close(),
})

// the one that measures is gone
process.once('disconnect', () => process.exit())
