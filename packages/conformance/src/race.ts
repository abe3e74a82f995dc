import type { RemoteStore } from '@shelflife/core'

/** What all processes of a race do at once. */
export interface Race {
  /** Loaded, set, invalidated and read by everybody. */
  readonly keys: readonly string[]
  /** Carried by all of their records, and invalidated too. */
  readonly tag: string
  /** Leased by one after the other. */
  readonly leased: string
  /** Of each process. */
  readonly operations: number
}

/** What one process has seen. Times are of the machine, so that those of several processes can be compared. */
export interface RaceLog {
  /** What was invalidated, when that began, and when it was answered. */
  readonly invalidations: [name: string, began: number, done: number][]
  /** What a value was read under, when the read began, and when the value was read from its source. */
  readonly reads: [name: string, began: number, source: number][]
  /** Of loads that were stored. */
  readonly stored: string[]
  /** How many were not. */
  refused: number
  /** When a lease was known to be had, and when its end was asked for. */
  readonly leases: [from: number, until: number][]
  /** Messages of commands that failed. */
  readonly failures: string[]
}

const AT_ONCE = 4
const LONG = 60_000
/** Milliseconds: long enough for somebody else to have the lease too, if he is given it. */
const HELD = 2

const machineTime = (): number => Number(process.hrtime.bigint()) / 1e6
const pick = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T

interface Stored {
  readonly source: number
  readonly id: string | undefined
}

const bytesOf = (stored: Stored): Uint8Array => new TextEncoder().encode(JSON.stringify(stored))
const storedIn = (envelope: Uint8Array): Stored => JSON.parse(new TextDecoder().decode(envelope)) as Stored

/** One process's part in a race: a few loops of random commands. */
export async function runRace(store: RemoteStore, { keys, tag, leased, operations }: Race): Promise<RaceLog> {
  const log: RaceLog = { invalidations: [], reads: [], stored: [], refused: 0, leases: [], failures: [] }

  async function read(key: string): Promise<void> {
    const began = machineTime()
    const { record, ids } = await store.read(key, [tag])
    if (record === undefined) return
    const { source, id } = storedIn(record.envelope)
    if (id === ids[0]) log.reads.push([key, began, source], [tag, began, source])
  }

  async function load(key: string, command: 'commit' | 'put'): Promise<void> {
    const owner = crypto.randomUUID()
    const began = machineTime()
    const mode = command === 'put' ? 'early' : pick(['load', 'load', 'early', 'take'] as const)
    const [opened, captured] = await Promise.all([
      store.open({ key, owner, lease: 0, mode }),
      store.capture({ tags: [tag], keep: LONG }),
    ])
    if (opened.state === 'filled') log.reads.push([key, began, storedIn(opened.record.envelope).source])
    if (!('fence' in opened)) return
    const envelope = bytesOf({ source: machineTime(), id: captured.ids[0] })
    const isStored = await store[command]({ key, owner, fence: opened.fence, envelope, age: 0, ttl: LONG, keep: LONG })
    if (!isStored) log.refused++
    else if (command === 'commit') log.stored.push(opened.fence)
  }

  async function invalidate(name: string, command: 'invalidate' | 'invalidateTags'): Promise<void> {
    const began = machineTime()
    await store[command]([name])
    log.invalidations.push([name, began, machineTime()])
  }

  async function lease(): Promise<void> {
    const owner = crypto.randomUUID()
    const { state } = await store.open({ key: leased, owner, lease: LONG, mode: 'early' })
    if (state !== 'granted') return
    const from = machineTime()
    await new Promise((resolve) => void setTimeout(resolve, HELD))
    log.leases.push([from, machineTime()])
    await store.release({ key: leased, owner, failed: false })
  }

  function act(): Promise<void> {
    const chance = Math.random()
    if (chance < 0.35) return read(pick(keys))
    if (chance < 0.65) return load(pick(keys), 'commit')
    if (chance < 0.7) return load(pick(keys), 'put')
    if (chance < 0.9) return invalidate(pick(keys), 'invalidate')
    return chance < 0.95 && store.leases ? lease() : invalidate(tag, 'invalidateTags')
  }

  let left = operations
  async function loop(): Promise<void> {
    while (left-- > 0) await act().catch((error: unknown) => void log.failures.push(String(error)))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, loop))
  return log
}
