/** One rule taken out of one source file. */
export interface Mutation {
  readonly name: string
  readonly file: string
  /** Each first text has to be there exactly once, and is replaced by the second one. */
  readonly edits: readonly (readonly [from: string, to: string])[]
}

const core = 'packages/core/src'
const reference = 'packages/conformance/src/reference-store.ts'

export const mutations: readonly Mutation[] = [
  {
    name: 'the flight leaves the map after the commit instead of before it',
    file: `${core}/load.ts`,
    edits: [
      ['  leaveFlights(flights, key, flight)\n  backoff.succeeded(key)', '  backoff.succeeded(key)'],
      [
        "  return { entry, outcome: 'miss', store: 'loader', shared }",
        "  leaveFlights(flights, key, flight)\n  return { entry, outcome: 'miss', store: 'loader', shared }",
      ],
    ],
  },
  {
    name: 'tag ids are captured after the load',
    file: `${core}/protocol.ts`,
    edits: [
      [
        'const known = new Map(tags.map((tag, i) => [tag, ids[i]]))',
        'const known = new Map<string, string | undefined>()',
      ],
      ['store.capture({ tags: late, keep, since: mark })', 'store.capture({ tags: late, keep })'],
    ],
  },
  {
    name: 'late tags are captured without the mark from before the load',
    file: `${core}/protocol.ts`,
    edits: [['store.capture({ tags: late, keep, since: mark })', 'store.capture({ tags: late, keep })']],
  },
  {
    name: 'those who joined are not told about tags',
    file: `${core}/protocol.ts`,
    edits: [['return today?.every((id, i) => id === known[i]) ?? false', 'return today !== known']],
  },
  {
    name: 'an invalidation takes effect here only before the remote command',
    file: `${core}/invalidate.ts`,
    edits: [
      [
        '    // what was read from the remote store in between may still be the old value\n    applyLocally(engine, message)\n',
        '',
      ],
    ],
  },
  {
    name: 'what was invalidated meanwhile is kept locally',
    file: `${core}/engine.ts`,
    edits: [
      [
        "if (local === undefined || invalidations.check([key, ...entry.tags], since) !== 'intact') return",
        'if (local === undefined || since < 0) return',
      ],
    ],
  },
  {
    name: 'a commit is accepted whatever its fence',
    file: reference,
    edits: [['if (current?.token !== fence) return false', '']],
  },
  {
    name: 'a hot read does not ask whether the bus is complete',
    file: `${core}/read.ts`,
    edits: [[' && at < engine.trustedUntil', '']],
  },
  {
    name: 'a gap in the bus makes no copy void',
    file: `${core}/coherence.ts`,
    edits: [['      invalidations.forget()\n      confirm(-Infinity)\n', '']],
  },
  {
    name: 'joining while the remote read is under way shares its verdict',
    file: `${core}/read.ts`,
    edits: [["flight.phase === 'reading'", 'flight.phase.length === 0']],
  },
  {
    name: 'a refused commit is shared with those who joined',
    file: `${core}/load.ts`,
    edits: [["shared: isUnchanged || (isKept && committed !== 'unknown')", 'shared: isUnchanged || isKept || true']],
  },
  {
    name: 'the word of the remote store is taken while it is owed an invalidation',
    file: `${core}/commands.ts`,
    edits: [
      ['      if (quarantine.holds(names)) return undefined\n', ''],
      ['return quarantine.holds(names) ? undefined : answer', 'return answer'],
    ],
  },
  {
    name: 'a load asks for the fence without a lease',
    file: `${core}/remote-policy.ts`,
    edits: [['lease: store.leases ? lease : 0', 'lease: 0 * lease']],
  },
]
