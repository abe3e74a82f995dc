import type { Feature, OpenOptions, Peer, Subject } from '../peers/peer.ts'

/** Something that everyone does the same of, measured in a process of its own for each. */
export interface Operation {
  readonly needs: readonly Feature[]
  /** Opens a cache and fills it. `url` is that of Redis. */
  prepare(peer: Peer, url: string): Promise<Prepared>
}

export interface Prepared {
  run(): unknown
  /** How many operations one run is. Default 1. */
  readonly operations?: number
}

const HOUR = 3_600_000

/** Opens a cache in which nothing expires while it is measured. */
export function openFor(peer: Peer, options: Partial<OpenOptions> & Pick<OpenOptions, 'load'>): Promise<Subject> {
  return peer.open({ layout: 'local', url: '', ttl: HOUR, maxEntries: 50_000, keep: (kept) => kept, ...options })
}
