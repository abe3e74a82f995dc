import type { RaceLog } from './race.ts'

/** Reads that gave a value although it had been invalidated before the read began. */
export function staleReads(logs: readonly RaceLog[]): readonly string[] {
  const all = logs.flatMap(({ invalidations }) => invalidations).toSorted(([, , one], [, , other]) => one - other)
  const reads = logs.flatMap((log) => log.reads).toSorted(([, one], [, other]) => one - other)
  /** By name, when the latest of the invalidations began that were answered by now. */
  const begun = new Map<string, number>()
  const stale: string[] = []
  let next = 0
  for (const [name, began, source] of reads) {
    for (; (all[next]?.[2] ?? Infinity) < began; next++) {
      const [invalidated = '', since = 0] = all[next] ?? []
      begun.set(invalidated, Math.max(since, begun.get(invalidated) ?? 0))
    }
    const since = begun.get(name) ?? 0
    if (since > source) stale.push(`${name}: of ${source}, invalidated at ${since}, read at ${began}`)
  }
  return stale
}

/** Fences with which more than one load was stored. */
export function fencesUsedTwice(logs: readonly RaceLog[]): readonly string[] {
  const seen = new Set<string>()
  return logs.flatMap(({ stored }) => stored).filter((fence) => seen.size === seen.add(fence).size)
}

/** Leases that somebody had while another one had them. */
export function leasesHadTwice(logs: readonly RaceLog[]): readonly string[] {
  const leases = logs.flatMap((log) => log.leases).toSorted(([one], [other]) => one - other)
  let end = -Infinity
  return leases.flatMap(([from, until]) => {
    const isTwice = from < end
    end = Math.max(end, until)
    return isTwice ? [`from ${from}, when another one had it until ${end}`] : []
  })
}
