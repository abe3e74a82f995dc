/**
 * What the data of a server have come from: those of a replica, and of the master that it becomes, from the master before it.
 */
export interface Lineage {
  /** On the clocks of its servers: what is from before may be of a snapshot, and invalidated since. */
  readonly notBefore: number
  /** The same for names that another lineage had before, which may have been a part of this one. */
  readonly arrivedNotBefore: number
  /** What the server had that started anew. Where others have replaced it nobody has seen its snapshot. */
  readonly instead?: Lineage
}

/** What a server says about its data. */
export interface Origin {
  readonly now: number
  /** Another one each time it starts; empty where it does not tell. */
  readonly run: string
  /**
   * How often it has asked to be made a master since it started; empty for never, and where it does not tell. One that was made
   * master was a replica. No epoch says so: that of a node is also another one when it has been given a slot.
   */
  readonly elections: string
  /** The id of its data, which its replicas have too and which ends when one of them becomes a master; empty as above. */
  readonly data: string
  /** The one before it: of its master, or of the snapshot that it has started from. */
  readonly dataBefore: string
}

/** How a server was met before. */
interface Met extends Pick<Origin, 'run' | 'elections'> {
  readonly lineage: Lineage
}

export interface Lineages {
  /** Of a server, that was met as `last` before if it was. */
  find(origin: Origin, last: Met | undefined): Lineage
  /** Names that are with `to` now were with `from`, or at any server: what is older than this is not believed. */
  boundOf(from: Lineage | undefined, to: Lineage): number
}

/** Each failover makes one. */
const MOST_KNOWN = 1000

export const UNKNOWN: Lineage = { notBefore: 0, arrivedNotBefore: 0 }

/** The lineages of the masters of a Cluster, as a process has met them. */
export function createLineages(): Lineages {
  const known = new Map<string, Lineage>()
  let latest = 0

  /** The oldest go: of what is not known it is thought that it may be older. */
  function remember(data: string, lineage: Lineage): void {
    known.delete(data)
    known.set(data, lineage)
    for (const oldest of known.keys()) {
      if (known.size <= MOST_KNOWN) return
      known.delete(oldest)
    }
  }

  function startAnew(now: number, instead: Lineage): Lineage {
    latest = Math.max(latest, now)
    return { notBefore: now, arrivedNotBefore: 0, instead }
  }

  function look({ now, run, elections, data, dataBefore }: Origin, last: Met | undefined): Lineage {
    const wasElected = elections !== ''
    if (last !== undefined && run !== last.run && !wasElected) return startAnew(now, last.lineage)
    const before = known.get(dataBefore)
    const found = known.get(data) ?? (wasElected ? before : undefined)
    if (found !== undefined) return found
    if (before !== undefined) return startAnew(now, before)
    // it may have the place of one that was not met since it had started anew
    if (last === undefined) return { notBefore: 0, arrivedNotBefore: wasElected ? now : 0 }
    // without replicas the id ends too
    return run === last.run && elections === last.elections ? last.lineage : startAnew(now, last.lineage)
  }

  return {
    find(origin, last) {
      const lineage = look(origin, last)
      if (origin.data !== '') remember(origin.data, lineage)
      return lineage
    },
    boundOf(from, to) {
      if (from === undefined) return latest
      if (from === to) return 0
      return Math.max(from.instead === to ? 0 : from.notBefore, to.arrivedNotBefore)
    },
  }
}
