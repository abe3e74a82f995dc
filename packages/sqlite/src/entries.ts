import type { CommitRequest, OpenRequest } from '@shelflife/core'

import type { Sql } from './database.ts'
import { rowOf } from './row-of.ts'

/** Longer than any load goes on without renewing its lease. */
const FENCE_LIFE = 3_600_000
/** As long as a repeated commit may come late. */
const USED_FENCE_LIFE = 60_000
/** Those who come meanwhile load side by side. */
const FAILURE_LIFE = 3000

/** A record on the clock of the machine. */
export interface Row {
  readonly created: number
  readonly fresh: number
  readonly envelope: Uint8Array | null
}

interface Fence {
  readonly token: string
  readonly owner: string | null
  readonly lease: number
  readonly failed: number
  readonly taker: string | null
  readonly committer: string | null
}

type OpenedRow =
  | { readonly state: 'granted' | 'failed'; readonly fence: string }
  | { readonly state: 'filled'; readonly row: Row }
  | { readonly state: 'held'; readonly retryAfter: number }

/** Records and fences. What writes is called in a transaction. */
export interface Entries {
  record(key: string, now: number): Row | undefined
  open(request: OpenRequest, now: number): OpenedRow
  /** `told`: stored in the place of what others may have. */
  store(command: 'commit' | 'put', request: CommitRequest, now: number): 'refused' | 'repeated' | 'stored' | 'told'
  renew(key: string, owner: string, until: number): boolean
  /** Whether there was a lease to end. */
  release(request: { readonly key: string; readonly owner: string; readonly failed: boolean }, now: number): boolean
  touch(key: string, times: { readonly ttl: number; readonly keep: number }, now: number): void
  invalidate(key: string): void
  expire(key: string, now: number): void
  /** When the lease of each of some keys ends, 0 without one. */
  leasesOf(keys: readonly string[]): readonly number[]
}

const LEASES = `SELECT (SELECT lease FROM fences WHERE key = value) AS lease FROM json_each(?) ORDER BY json_each.key`

const random = (): string => crypto.randomUUID()
const lineOf = (token: string): string => token.slice(0, token.indexOf('.'))

export function createEntries(sql: Sql): Entries {
  const record = (key: string, now: number): Row | undefined =>
    sql.get<Row>('SELECT created, fresh, envelope FROM records WHERE key = ? AND ends > ?', rowOf(key), now)

  const fenceOf = (key: string, now: number): Fence | undefined =>
    sql.get<Fence>('SELECT * FROM fences WHERE key = ? AND ends > ?', rowOf(key), now)

  function putFence(key: string, fence: Fence, ends: number): void {
    const { token, owner, lease, failed, taker, committer } = fence
    const into = 'INSERT OR REPLACE INTO fences (key, token, owner, lease, failed, taker, committer, ends)'
    sql.run(`${into} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, rowOf(key), token, owner, lease, failed, taker, committer, ends)
  }

  const newFence = (line = random()): Fence => ({
    token: `${line}.${random()}`,
    owner: null,
    lease: 0,
    failed: 0,
    taker: null,
    committer: null,
  })

  /** The fence that this request is to have, if it is granted. */
  function fenceFor({ key, owner, mode }: OpenRequest, now: number): Fence {
    const known = fenceOf(key, now)
    if (mode !== 'take') return known ?? newFence()
    if (known?.taker === owner) return known
    return { ...newFence(known && lineOf(known.token)), taker: owner }
  }

  return {
    record,

    open(request, now) {
      const { key, owner, lease, mode } = request
      const row = mode === 'load' ? record(key, now) : undefined
      if (row !== undefined && row.fresh > now) return { state: 'filled', row }
      const fence = fenceFor(request, now)
      const isHeld = lease > 0 && fence.owner !== null && fence.owner !== owner && fence.lease > now
      if (isHeld) return { state: 'held', retryAfter: fence.lease - now }
      const isFailed = lease > 0 && fence.failed > now
      const isLeased = lease > 0 && !isFailed
      putFence(key, isLeased ? { ...fence, owner, lease: now + lease } : fence, now + FENCE_LIFE)
      return { state: isFailed ? 'failed' : 'granted', fence: fence.token }
    },

    store(command, { key, owner, fence, envelope, age, ttl, keep }, now) {
      const known = fenceOf(key, now)
      if (known?.committer === owner) return 'repeated'
      if (known === undefined) return 'refused'
      const isRight = command === 'put' ? lineOf(known.token) === lineOf(fence) : known.token === fence
      if (!isRight) return 'refused'
      const created = now - age
      const into = 'INSERT OR REPLACE INTO records (key, created, fresh, ends, envelope) VALUES (?, ?, ?, ?, ?)'
      sql.run(into, rowOf(key), created, created + ttl, created + keep, envelope)
      putFence(key, { ...newFence(lineOf(known.token)), committer: owner }, now + USED_FENCE_LIFE)
      return command === 'put' || known.taker !== null ? 'told' : 'stored'
    },

    renew: (key, owner, until) =>
      sql.run(
        'UPDATE fences SET lease = ?, ends = max(ends, ? + ?) WHERE key = ? AND owner = ?',
        until,
        until,
        FENCE_LIFE,
        rowOf(key),
        owner,
      ) > 0,

    release: ({ key, owner, failed }, now) =>
      sql.run(
        'UPDATE fences SET owner = NULL, lease = 0, failed = iif(?, ?, failed) WHERE key = ? AND owner = ?',
        Number(failed),
        now + FAILURE_LIFE,
        rowOf(key),
        owner,
      ) > 0,

    touch(key, { ttl, keep }, now) {
      const set = 'UPDATE records SET fresh = ?, ends = ? WHERE key = ? AND fresh > ? AND ends > ?'
      sql.run(set, now + ttl, now + keep, rowOf(key), now, now)
    },

    invalidate(key) {
      sql.run('DELETE FROM records WHERE key = ?', rowOf(key))
      sql.run('DELETE FROM fences WHERE key = ?', rowOf(key))
    },

    expire(key, now) {
      sql.run('UPDATE records SET fresh = min(fresh, ?) WHERE key = ?', now, rowOf(key))
      sql.run('DELETE FROM fences WHERE key = ?', rowOf(key))
    },

    leasesOf: (keys) =>
      sql.all<{ lease: number | null }>(LEASES, JSON.stringify(keys.map(rowOf))).map(({ lease }) => lease ?? 0),
  }
}
