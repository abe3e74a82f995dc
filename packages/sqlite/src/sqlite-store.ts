import type { BusMessage, CommitRequest, RemoteRecord, RemoteStore } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { inParts, protocol } from '@shelflife/core/protocol'

import { createBus } from './bus.ts'
import { checkPath } from './check-path.ts'
import { createDatabase } from './database.ts'
import type { Row } from './entries.ts'
import { createEntries } from './entries.ts'
import { createMachineClock } from './machine-clock.ts'
import { createMessages } from './messages.ts'
import type { SqliteStoreOptions } from './options.ts'
import { resolveOptions } from './options.ts'
import { createSharedTime } from './shared-time.ts'
import { startSweep } from './sweep.ts'
import { createTags } from './tags.ts'
import { createWaits } from './waits.ts'

/** Names of one transaction: it blocks this process, and all others that write. */
const MOST_NAMES = 500
/** Until a lease is looked at again that could not be read. */
const AGAIN = 100

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/**
 * The remote store in a SQLite file, which all processes of one machine may open at once: entries, leases, tag ids and messages. The
 * file is made where there is none; its folder must exist, on a disk of this machine.
 *
 * @param path of the file; SQLite puts two more beside it, `-wal` and `-shm`
 * A file that is locked, full, broken, read-only or away is no reason to throw: commands reject and the cache does without, until it can
 * be used.
 *
 * @throws ShelflifeError `invalid-option` for a wrong option, a Node without node:sqlite (before 22.13), and for a path that is no file, on
 * a network share, or of something else; `invalid-duration`
 * @example createCache({ namespace: 'shop', store: [memoryStore(), sqliteStore('/var/cache/shop.db')] })
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): RemoteStore {
  const { budget, codec, maxValueBytes, keyOf, clock, wall, uptime } = resolveOptions(options)
  const database = createDatabase(checkPath(path), clock)
  const machine = createMachineClock(clock, wall)
  const time = createSharedTime({ database, time: machine, uptime })
  refuseWhatIsWrong()
  const entries = createEntries(database)
  const tags = createTags(database)
  const messages = createMessages(database)
  const waits = createWaits(clock, leftOf)
  const bus = createBus({ database, messages, waits, time, clock })
  const stopSweep = startSweep({ database, clock, time })
  let isClosed = false

  function leftOf(keys: readonly string[]): readonly number[] {
    if (isClosed) return keys.map(() => 0)
    try {
      return database.look(() => entries.leasesOf(keys).map((lease) => lease - time.now()))
    } catch {
      return keys.map(() => AGAIN)
    }
  }

  /** What is wrong now and may be well later is for the commands to find out. */
  function refuseWhatIsWrong(): void {
    try {
      database.look(time.hear)
    } catch (error) {
      if (error instanceof ShelflifeError && error.code === 'invalid-option') throw error
    }
  }

  const translated = ({ created, fresh, envelope }: Row): RemoteRecord => ({
    createdAt: machine.toLocal(created),
    freshUntil: machine.toLocal(fresh),
    envelope: envelope ?? new Uint8Array(0),
  })

  const write = <T>(work: (now: number) => T): Promise<T> => database.write(() => work(time.tell()), budget.write)

  const read = <T>(work: (now: number) => T): Promise<T> => database.read(() => work(time.now()), budget.read)

  /** Changes, and tells in the same step. */
  async function change(
    type: BusMessage['type'],
    names: readonly string[],
    run: (part: readonly string[], now: number) => void,
  ) {
    for (const [i, part] of inParts(names, MOST_NAMES).entries()) {
      if (i > 0) await nextTurn()
      await write((now) => {
        run(part, now)
        messages.tell({ type, names: part }, now)
      })
      waits.look(part)
    }
  }

  const changeKeys = (type: 'invalidate' | 'expire', keys: readonly string[]): Promise<void> =>
    change(type, keys, (part, now) => {
      for (const key of part) entries[type](key, now)
    })

  async function store(command: 'commit' | 'put', request: CommitRequest): Promise<boolean> {
    const outcome = await write((now) => {
      const stored = entries.store(command, request, now)
      if (stored === 'told') messages.tell({ type: 'invalidate', names: [request.key] }, now)
      return stored
    })
    waits.look([request.key])
    return outcome !== 'refused'
  }

  return {
    kind: 'remote',
    protocol,
    label: 'sqlite',
    leases: true,
    budget,
    codec,
    maxValueBytes,
    ...(keyOf && { keyOf }),
    bus,

    read: (key, names) =>
      read((now) => {
        const row = entries.record(key, now)
        return { record: row && translated(row), ids: names.map((name) => tags.idOf(name, now)) }
      }),

    readTags: (names) => read((now) => names.map((name) => tags.idOf(name, now))),

    async open(request) {
      const opened = await write((now) => entries.open(request, now))
      return opened.state === 'filled' ? { state: 'filled', record: translated(opened.row) } : opened
    },

    capture: (request) => write((now) => tags.capture(request, now)),
    commit: (request) => store('commit', request),
    put: (request) => store('put', request),
    renew: ({ key, owner, lease }) => write((now) => entries.renew(key, owner, now + lease)),

    async release(request) {
      await write((now) => entries.release(request, now))
      waits.look([request.key])
    },

    settled(key, ms) {
      const settled = waits.settled(key, ms)
      bus.open()
      return settled
    },

    touch: ({ key, ...times }) => write((now) => entries.touch(key, times, now)),
    invalidate: (keys) => changeKeys('invalidate', keys),
    expire: (keys) => changeKeys('expire', keys),
    invalidateTags: (names) => change('invalidateTags', names, (part) => tags.invalidate(part)),
    expireTags: (names) => change('expireTags', names, (part, now) => tags.expire(part, now)),

    async close() {
      if (isClosed) return
      isClosed = true
      stopSweep()
      bus.close()
      waits.close()
      database.close()
    },
  }
}
