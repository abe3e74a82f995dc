import { MAX_DRIFT, PARTITION_TTL } from './report.ts'

interface Invalidated {
  readonly version: number
  readonly by: string
  /** When the call resolved, and when the remote store had carried it out. */
  readonly resolvedAt: number
  doneAt: number
}

interface Invalidating {
  /** The invalidation of a source that has changed was answered. */
  resolved(isDone: boolean): void
}

/** A source whose values have versions, and which version a caller may expect at least. */
export interface Versions {
  current(key: string): number
  change(key: string, by: string): Invalidating
  /** What a call that begins now must not fall short of. */
  least(reader: Reader, key: string): number
}

export interface Reader {
  readonly name: string
  readonly isLocal: boolean
  /** Whether the remote store may be out of its reach. */
  isApart(): boolean
}

/** The readings of two clocks that are kept for a turn. */
const SLACK = 50
const KEPT = 100

export function createVersions(): Versions {
  const sources = new Map<string, { version: number; readonly log: Invalidated[] }>()
  const owed = new Map<string, Invalidated[]>()

  function sourceOf(key: string) {
    const source = sources.get(key) ?? { version: 1, log: [] }
    sources.set(key, source)
    return source
  }

  /** For how long the word of another process may not have arrived. */
  function driftOf({ isLocal, isApart }: Reader): number {
    if (isApart()) return PARTITION_TTL + SLACK
    return isLocal ? MAX_DRIFT + SLACK : 0
  }

  return {
    current: (key) => sourceOf(key).version,
    change(key, by) {
      const source = sourceOf(key)
      const version = ++source.version
      return {
        resolved(isDone) {
          const now = performance.now()
          const invalidated = { version, by, resolvedAt: now, doneAt: isDone ? now : Infinity }
          source.log.push(invalidated)
          if (source.log.length > KEPT) source.log.shift()
          const waiting = owed.get(by) ?? []
          if (!isDone) owed.set(by, [...waiting, invalidated])
          // nothing overtakes what is owed, so that is paid as well
          else for (const one of waiting.splice(0)) one.doneAt = now
        },
      }
    },
    least(reader, key) {
      const now = performance.now()
      const drift = driftOf(reader)
      const due = sourceOf(key).log.filter(({ by, resolvedAt, doneAt }) =>
        by === reader.name ? resolvedAt < now : doneAt + drift < now,
      )
      return Math.max(1, ...due.map(({ version }) => version))
    },
  }
}
