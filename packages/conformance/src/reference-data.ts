import type { BusMessage, Clock, CommitRequest, OpenRequest, Opened } from '@shelflife/core'

import type { ReferenceSubscription } from './reference-bus.ts'

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
  readonly taker: string | undefined
  /** Who committed last, so that a repeated commit gets the same answer. */
  readonly committer: string | undefined
  keepUntil: number
}

interface Tag {
  id: string
  /** The invalidation that was newest when the id was made or changed. */
  changed: number
  keepUntil: number
}

/** As long as a load may take. */
export const FENCE_LIFE = 3_600_000
/** As long as a repeated commit may come late. */
const USED_FENCE_LIFE = 60_000
const SWEEP = 30_000

export const random = (): string => crypto.randomUUID()
const newTagId = (): string => `${random()}.${random()}`
const newFence = (
  keepUntil: number,
  by: Partial<Pick<Fence, 'taker' | 'committer'>> & { readonly line?: string | undefined } = {},
): Fence => ({
  token: `${by.line ?? random()}.${random()}`,
  owner: undefined,
  leaseUntil: 0,
  failedUntil: 0,
  taker: by.taker,
  committer: by.committer,
  keepUntil,
})
const copyOf = <T extends object>(all: ReadonlyMap<string, T>): [string, T][] =>
  [...all].map(([name, one]) => [name, { ...one }])

function putBack<T extends object>(all: Map<string, T>, then: readonly [string, T][]): void {
  all.clear()
  for (const [name, one] of then) all.set(name, { ...one })
}

/** What only an invalidation ends. */
export const hardPart = (id: string): string => id.slice(0, id.indexOf('.'))

/** What all processes share, and what a server does with it in one step. */
export interface ReferenceData {
  readonly clock: Clock
  readonly records: Map<string, ServerRecord>
  readonly fences: Map<string, Fence>
  readonly tags: Map<string, Tag>
  /** Those who are told what others do. */
  readonly subscriptions: Set<ReferenceSubscription>
  recordOf(key: string): ServerRecord | undefined
  fenceOf(key: string): Fence | undefined
  tagOf(name: string): Tag | undefined
  open(request: OpenRequest): Opened | ServerRecord
  capture(name: string, keep: number, since: string | undefined): string | undefined
  /** Stores the record, uses the fence up and ends the lease. */
  keep(request: CommitRequest, fence: Fence): void
  /** Of tags, so far. */
  invalidations(): number
  countInvalidation(): void
  publish(message: BusMessage, sender: ReferenceSubscription): void
  /** Has `ended` called when the lease on a key ends. Returns what takes that back. */
  wait(key: string, ended: () => void): () => void
  wake(key: string): void
  /** Takes out what has ended, now and then. */
  sweep(): void
  /** Remembers what is there now. What it returns puts that back. */
  snapshot(): () => void
}

export function createReferenceData(clock: Clock): ReferenceData {
  const records = new Map<string, ServerRecord>()
  const fences = new Map<string, Fence>()
  const tags = new Map<string, Tag>()
  const waiting = new Map<string, Set<() => void>>()
  const subscriptions = new Set<ReferenceSubscription>()
  let published = 0
  let invalidated = 0
  let sweptAt = clock.now()

  function wake(key: string): void {
    for (const ended of waiting.get(key) ?? []) ended()
    waiting.delete(key)
  }

  function wait(key: string, ended: () => void): () => void {
    const all = waiting.get(key) ?? new Set()
    waiting.set(key, all)
    all.add(ended)
    return () => {
      all.delete(ended)
      if (all.size === 0 && waiting.get(key) === all) waiting.delete(key)
    }
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
    if (fence === undefined || (mode === 'take' && fence.taker !== owner)) {
      fence = newFence(0, mode === 'take' ? { line: fence && hardPart(fence.token), taker: owner } : {})
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
    fences.set(key, newFence(clock.now() + USED_FENCE_LIFE, { line: hardPart(token), committer: owner }))
    wake(key)
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

  return {
    clock,
    records,
    fences,
    tags,
    subscriptions,
    recordOf,
    fenceOf,
    tagOf,
    open,
    capture,
    keep,
    invalidations: () => invalidated,
    countInvalidation: () => void invalidated++,
    publish,
    wait,
    wake,
    sweep,
    snapshot,
  }
}
