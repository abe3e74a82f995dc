import type { Invalidation, RemoteOutcome } from '@shelflife/core'

interface Change {
  readonly version: number
  readonly by: string
  readonly resolvedAt: number
  /** When the remote store had carried it out. */
  doneAt: number
  /** Others are held to it from then on. */
  heldFrom: number
}

interface Reader {
  readonly name: string
  /** Milliseconds that the word of others may take. */
  readonly drift: number
}

/** A source whose values have versions, and which of them a reader may still see. */
export interface Ledger {
  current(id: number): number
  /** Changes the source and invalidates it by `run`. */
  change(ids: readonly number[], by: string, run: () => Promise<Invalidation>): Promise<RemoteOutcome>
  /** The least that a read may return that began at `since` and ends now: of what was lost meanwhile it may be any. */
  least(reader: Reader, id: number, since: number): number
  /** What was queued by it has been carried out. */
  paid(by: string): void
  /** What was told until now may be lost with a server: only who was told `done` is held to it, until `hold`. */
  forgive(): void
  hold(): void
}

export function createLedger(): Ledger {
  const versions = new Map<number, number>()
  const changes = new Map<number, Change[]>()
  const all = (): Change[] => [...changes.values()].flat()
  const current = (id: number): number => versions.get(id) ?? 1

  return {
    current,
    async change(ids, by, run) {
      const made = ids.map((id) => ({ id, version: current(id) + 1 }))
      for (const { id, version } of made) versions.set(id, version)
      const { remote } = await run()
      const now = performance.now()
      for (const { id, version } of made) {
        const change = { version, by, resolvedAt: now, doneAt: remote === 'done' ? now : Infinity, heldFrom: now }
        changes.set(id, [...(changes.get(id) ?? []), change])
      }
      return remote
    },
    least({ name, drift }, id, since) {
      const due = (changes.get(id) ?? []).filter(({ by, resolvedAt, doneAt, heldFrom }) =>
        by === name ? resolvedAt < since : Math.max(doneAt, heldFrom) + drift < since,
      )
      return Math.max(1, ...due.map(({ version }) => version))
    },
    paid(by) {
      for (const change of all()) if (change.by === by) change.doneAt = Math.min(change.doneAt, performance.now())
    },
    forgive() {
      for (const change of all()) change.heldFrom = Infinity
    },
    hold() {
      for (const change of all()) change.heldFrom = Math.min(change.heldFrom, performance.now())
    },
  }
}
