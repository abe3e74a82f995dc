import type { Clock, RemoteRecord, RemoteStore } from '@shelflife/core'
import { systemClock } from '@shelflife/core'
import { protocol } from '@shelflife/core/protocol'

import { createSubscription } from './reference-bus.ts'
import type { ServerRecord } from './reference-data.ts'
import { createReferenceData, FENCE_LIFE, hardPart, random } from './reference-data.ts'

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

/** @example const store = createReferenceServer().connect() */
export function createReferenceServer({ clock = systemClock }: { readonly clock?: Clock } = {}): ReferenceServer {
  const data = createReferenceData(clock)
  const { records, fences, tags, subscriptions, recordOf, fenceOf, tagOf, publish, wake } = data
  const commands = new Map<string, number>()

  function connect(options: ReferenceOptions = {}): ReferenceStore {
    const own = options.clock ?? clock
    const subscription = createSubscription(own, options.deliver ?? queueMicrotask)
    const waits = new Set<() => void>()
    subscriptions.add(subscription)

    function count(command: string): void {
      commands.set(command, (commands.get(command) ?? 0) + 1)
      data.sweep()
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
        const opened = data.open(request)
        return 'state' in opened ? opened : { state: 'filled', record: translated(opened) }
      },
      async capture({ tags: names, keep, since }) {
        count('capture')
        return { ids: names.map((name) => data.capture(name, keep, since)), mark: String(data.invalidations()) }
      },
      async commit(request) {
        count('commit')
        const current = fenceOf(request.key)
        if (current?.committer === request.owner) return true
        if (current?.token !== request.fence) return false
        data.keep(request, current)
        // a value that was loaded on demand takes the place of copies that are still fresh
        if (current.taker !== undefined) publish({ type: 'invalidate', names: [request.key] }, subscription)
        return true
      },
      async put(request) {
        count('put')
        const current = fenceOf(request.key)
        if (current?.committer === request.owner) return true
        if (current === undefined || hardPart(current.token) !== hardPart(request.fence)) return false
        data.keep(request, current)
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
          const cancel = own.after(ms, done)
          const leave = data.wait(key, done)
          function done(): void {
            cancel()
            leave()
            waits.delete(done)
            resolve()
          }
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
        data.countInvalidation()
        for (const name of names) tags.delete(name)
        publish({ type: 'invalidateTags', names }, subscription)
      },
      async expireTags(names) {
        count('expireTags')
        data.countInvalidation()
        for (const name of names) {
          const tag = tagOf(name)
          if (tag === undefined) continue
          tag.id = `${hardPart(tag.id)}.${random()}`
          tag.changed = data.invalidations()
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

  return { records, fences, tags, commands, connect, snapshot: data.snapshot }
}
