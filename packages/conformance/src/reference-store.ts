import type { BusMessage, Clock, CommitRequest, OpenRequest, Opened, RemoteRecord, RemoteStore } from '@shelflife/core'
import { systemClock } from '@shelflife/core'
import { protocol } from '@shelflife/core/protocol'

import type { ReferenceSubscription } from './reference-bus.ts'
import { createSubscription } from './reference-bus.ts'

/** A record on the clock of the server. */
export interface ServerRecord {
  envelope: Uint8Array
  createdAt: number
  freshUntil: number
  keepUntil: number
}

interface Fence {
  /** In the form `a.b`: whoever takes the fence or uses it up hands on `a`, which only an invalidation ends. */
  readonly token: string
  owner: string | undefined
  leaseUntil: number
  failedUntil: number
  /** Who took it, so that a repeated `take` gets the same answer. */
  readonly takenBy: string | undefined
  /** Who committed last, so that a repeated commit gets the same answer. */
  readonly committedBy: string | undefined
  keepUntil: number
}

interface Tag {
  id: string
  /** The invalidation that was newest when the id was made or changed. */
  changed: number
  keepUntil: number
}

/** What all processes share: the data of a remote store, in memory. Tests may look at it and damage it. */
export interface ReferenceServer {
  readonly records: Map<string, ServerRecord>
  readonly fences: Map<string, unknown>
  readonly tags: Map<string, unknown>
  /** Commands carried out so far, by name. */
  readonly commands: Map<string, number>
  /** The store as one process sees it. */
  connect(options?: ReferenceOptions): ReferenceStore
  /** Remembers what is stored now. What it returns puts that back, as a restart from a snapshot: writes are forgotten. */
  snapshot(): () => void
}

export interface ReferenceOptions {
  /** The clock of the process; it may differ from that of the server by any amount. */
  readonly clock?: Clock
  /** Default true. */
  readonly leases?: boolean
  /** Default true. */
  readonly bus?: boolean
  /** How a message of the bus travels. Default: in a microtask. */
  readonly deliver?: (run: () => void) => void
  readonly budget?: RemoteStore['budget']
}

/** A remote store with everything the contract knows, exact and without a network. */
export interface ReferenceStore extends RemoteStore {
  /** Loses all messages of the bus until `reconnectBus`. */
  disconnectBus(): void
  reconnectBus(): void
}

const FAILURE_MARK = 3000
/** As long as a load may take. */
const FENCE_LIFE = 3_600_000
/** As long as a repeated commit may come late. */
const USED_FENCE_LIFE = 60_000
const SWEEP = 30_000

const random = (): string => crypto.randomUUID()
const newTagId = (): string => `${random()}.${random()}`
const newFence = (
  keepUntil: number,
  by: Partial<Pick<Fence, 'takenBy' | 'committedBy'>> & { readonly line?: string | undefined } = {},
): Fence => ({
  token: `${by.line ?? random()}.${random()}`,
  owner: undefined,
  leaseUntil: 0,
  failedUntil: 0,
  takenBy: by.takenBy,
  committedBy: by.committedBy,
  keepUntil,
})
const copyOf = <T extends object>(all: ReadonlyMap<string, T>): [string, T][] =>
  [...all].map(([name, one]) => [name, { ...one }])

function putBack<T extends object>(all: Map<string, T>, then: readonly [string, T][]): void {
  all.clear()
  for (const [name, one] of then) all.set(name, { ...one })
}

const hardPart = (id: string): string => id.slice(0, id.indexOf('.'))

/** @example const store = createReferenceServer().connect() */
export function createReferenceServer({ clock = systemClock }: { readonly clock?: Clock } = {}): ReferenceServer {
  const records = new Map<string, ServerRecord>()
  const fences = new Map<string, Fence>()
  const tags = new Map<string, Tag>()
  const commands = new Map<string, number>()
  const waiting = new Map<string, Set<() => void>>()
  const subscriptions = new Set<ReferenceSubscription>()
  let published = 0
  let invalidated = 0
  let sweptAt = clock.now()

  function wake(key: string): void {
    for (const resolve of waiting.get(key) ?? []) resolve()
    waiting.delete(key)
  }

  function fenceOf(key: string): Fence | undefined {
    const fence = fences.get(key)
    if (fence !== undefined && clock.now() >= fence.keepUntil) fences.delete(key)
    return fences.get(key)
  }

  /** What nobody asks for again leaves with the commands of others. */
  function sweep(): void {
    if (clock.now() < sweptAt + SWEEP) return
    sweptAt = clock.now()
    for (const key of records.keys()) recordOf(key)
    for (const key of fences.keys()) fenceOf(key)
    for (const name of tags.keys()) tagOf(name)
  }

  function recordOf(key: string): ServerRecord | undefined {
    const record = records.get(key)
    if (record !== undefined && clock.now() >= record.keepUntil) records.delete(key)
    return records.get(key)
  }

  function tagOf(name: string): Tag | undefined {
    const tag = tags.get(name)
    if (tag !== undefined && clock.now() >= tag.keepUntil) tags.delete(name)
    return tags.get(name)
  }

  function publish(message: BusMessage, sender: ReferenceSubscription): void {
    published++
    // the sender knows already, but its numbers go on
    for (const one of subscriptions) one.receive(one === sender ? { ...message, names: [] } : message, published)
  }

  function open({ key, owner, lease, mode }: OpenRequest): Opened | ServerRecord {
    const now = clock.now()
    const record = recordOf(key)
    if (mode === 'load' && record !== undefined && record.freshUntil > now) return record
    let fence = fenceOf(key)
    if (fence === undefined || (mode === 'take' && fence.takenBy !== owner)) {
      fence = newFence(0, mode === 'take' ? { line: fence && hardPart(fence.token), takenBy: owner } : {})
      fences.set(key, fence)
    }
    fence.keepUntil = now + FENCE_LIFE
    if (lease === 0) return { state: 'granted', fence: fence.token }
    if (fence.owner !== owner && fence.leaseUntil > now) return { state: 'held', retryAfter: fence.leaseUntil - now }
    if (fence.failedUntil > now) return { state: 'failed', fence: fence.token }
    fence.owner = owner
    fence.leaseUntil = now + lease
    return { state: 'granted', fence: fence.token }
  }

  function capture(name: string, keep: number, since: string | undefined): string | undefined {
    const known = tagOf(name)
    const tag = known ?? { id: newTagId(), changed: invalidated, keepUntil: 0 }
    tag.keepUntil = Math.max(tag.keepUntil, clock.now() + keep)
    tags.set(name, tag)
    if (since === undefined || invalidated === Number(since)) return tag.id
    return known !== undefined && known.changed <= Number(since) ? tag.id : undefined
  }

  function keep({ key, owner, envelope, age, ttl, keep: kept }: CommitRequest, { token }: Fence): void {
    const createdAt = clock.now() - age
    const [freshUntil, keepUntil] = [createdAt + ttl, createdAt + kept]
    records.set(key, { envelope: envelope.slice(), createdAt, freshUntil, keepUntil })
    // used up: a load that began with the same fence and ends later must not replace what is newer
    fences.set(key, newFence(clock.now() + USED_FENCE_LIFE, { line: hardPart(token), committedBy: owner }))
    wake(key)
  }

  function connect(options: ReferenceOptions = {}): ReferenceStore {
    const own = options.clock ?? clock
    const subscription = createSubscription(own, options.deliver ?? queueMicrotask)
    const waits = new Set<() => void>()
    subscriptions.add(subscription)

    function count(command: string): void {
      commands.set(command, (commands.get(command) ?? 0) + 1)
      sweep()
    }

    function translated({ envelope, createdAt, freshUntil }: ServerRecord): RemoteRecord {
      const offset = own.now() - clock.now()
      return { envelope: envelope.slice(), createdAt: createdAt + offset, freshUntil: freshUntil + offset }
    }

    return {
      kind: 'remote',
      protocol,
      label: 'reference',
      leases: options.leases ?? true,
      ...(options.budget && { budget: options.budget }),
      ...(options.bus !== false && { bus: subscription.bus }),
      disconnectBus: () => subscription.disconnect(),
      reconnectBus: () => subscription.reconnect(),
      async read(key, names) {
        count('read')
        const record = recordOf(key)
        return { record: record && translated(record), ids: names.map((name) => tagOf(name)?.id) }
      },
      async readTags(names) {
        count('readTags')
        return names.map((name) => tagOf(name)?.id)
      },
      async open(request) {
        count('open')
        const opened = open(request)
        return 'state' in opened ? opened : { state: 'filled', record: translated(opened) }
      },
      async capture({ tags: names, keep, since }) {
        count('capture')
        return { ids: names.map((name) => capture(name, keep, since)), mark: String(invalidated) }
      },
      async commit(request) {
        count('commit')
        const current = fenceOf(request.key)
        if (current?.committedBy === request.owner) return true
        if (current?.token !== request.fence) return false
        keep(request, current)
        // a value that was loaded on demand takes the place of copies that are still fresh
        if (current.takenBy !== undefined) publish({ type: 'invalidate', names: [request.key] }, subscription)
        return true
      },
      async put(request) {
        count('put')
        const current = fenceOf(request.key)
        if (current?.committedBy === request.owner) return true
        if (current === undefined || hardPart(current.token) !== hardPart(request.fence)) return false
        keep(request, current)
        publish({ type: 'invalidate', names: [request.key] }, subscription)
        return true
      },
      async renew({ key, owner, lease }) {
        count('renew')
        const fence = fenceOf(key)
        if (fence === undefined || fence.owner !== owner) return false
        fence.leaseUntil = clock.now() + lease
        fence.keepUntil = clock.now() + FENCE_LIFE
        return true
      },
      async release({ key, owner, failed }) {
        count('release')
        const fence = fenceOf(key)
        if (fence === undefined || fence.owner !== owner) return
        fence.owner = undefined
        fence.leaseUntil = 0
        if (failed) fence.failedUntil = clock.now() + FAILURE_MARK
        wake(key)
      },
      settled(key, ms) {
        // it may have ended while the answer of `open` was on its way
        if ((fences.get(key)?.leaseUntil ?? 0) <= clock.now()) return Promise.resolve()
        return new Promise((resolve) => {
          const all = waiting.get(key) ?? new Set()
          waiting.set(key, all)
          const cancel = own.after(ms, done)
          function done(): void {
            cancel()
            all.delete(done)
            waits.delete(done)
            if (all.size === 0 && waiting.get(key) === all) waiting.delete(key)
            resolve()
          }
          all.add(done)
          waits.add(done)
        })
      },
      async touch({ key, ttl, keep }) {
        count('touch')
        const record = recordOf(key)
        if (record === undefined || record.freshUntil <= clock.now()) return
        record.freshUntil = clock.now() + ttl
        record.keepUntil = clock.now() + keep
      },
      async invalidate(keys) {
        count('invalidate')
        for (const key of keys) {
          records.delete(key)
          fences.delete(key)
          wake(key)
        }
        publish({ type: 'invalidate', names: keys }, subscription)
      },
      async expire(keys) {
        count('expire')
        for (const key of keys) {
          const record = recordOf(key)
          if (record !== undefined) record.freshUntil = Math.min(record.freshUntil, clock.now())
          fences.delete(key)
          wake(key)
        }
        publish({ type: 'expire', names: keys }, subscription)
      },
      async invalidateTags(names) {
        count('invalidateTags')
        invalidated++
        for (const name of names) tags.delete(name)
        publish({ type: 'invalidateTags', names }, subscription)
      },
      async expireTags(names) {
        count('expireTags')
        invalidated++
        for (const name of names) {
          const tag = tagOf(name)
          if (tag === undefined) continue
          tag.id = `${hardPart(tag.id)}.${random()}`
          tag.changed = invalidated
        }
        publish({ type: 'expireTags', names }, subscription)
      },
      async close() {
        subscriptions.delete(subscription)
        subscription.close()
        for (const done of waits) done()
      },
    }
  }

  function snapshot(): () => void {
    const then = { records: copyOf(records), fences: copyOf(fences), tags: copyOf(tags), published, invalidated }
    return () => {
      putBack(records, then.records)
      putBack(fences, then.fences)
      putBack(tags, then.tags)
      ;({ published, invalidated } = then)
      for (const one of subscriptions) one.rewind(published)
    }
  }

  return { records, fences, tags, commands, connect, snapshot }
}
