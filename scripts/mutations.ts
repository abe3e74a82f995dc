/** One rule taken out of one source file. */
export interface Mutation {
  readonly name: string
  readonly file: string
  /** The package whose tests have to fail. Default: core. */
  readonly tests?: 'redis' | 'http'
  /** What the names of the files have in common whose tests have to fail. Default: any. */
  readonly within?: string
  /** Each first text has to be there exactly once, and is replaced by the second one. */
  readonly edits: readonly (readonly [from: string, to: string])[]
}

const core = 'packages/core/src'
const reference = 'packages/conformance/src/reference-store.ts'
const redis = 'packages/redis/src'
const http = 'packages/http/src'

export const mutations: readonly Mutation[] = [
  {
    name: 'the flight leaves the map after the commit instead of before it',
    file: `${core}/load.ts`,
    edits: [
      ['  leaveFlights(flight)\n  backoff.succeeded(', '  backoff.succeeded('],
      [
        "  return { entry, outcome: 'miss', store: 'loader', shared }",
        "  leaveFlights(flight)\n  return { entry, outcome: 'miss', store: 'loader', shared }",
      ],
    ],
  },
  {
    name: 'a value that was found for one caller is given to who joined late',
    within: 'one-key',
    file: `${core}/read.ts`,
    edits: [['      if (arrival.isOwn) continue\n', '']],
  },
  {
    name: 'a set that has another one behind it leaves the copy from before both',
    within: 'one-key',
    file: `${core}/set.ts`,
    edits: [['if (!isLast()) local?.delete(key)\n  else {', 'if (isLast()) {']],
  },
  {
    name: 'an invalidation waits for a set that has not begun',
    within: 'one-key',
    file: `${core}/set.ts`,
    edits: [['sent: last?.sent, isVoid', 'sent: outcome, isVoid']],
  },
  {
    name: 'who waits for a lease does not hear of the flight after it',
    within: 'one-key',
    file: `${core}/protocol.ts`,
    edits: [['    held.get(key)?.(flight)\n', '']],
  },
  {
    name: 'tag ids are captured after the load',
    file: `${core}/permit.ts`,
    edits: [
      [
        'const known = new Map(tags.map((tag, i) => [tag, ids[i]]))',
        'const known = new Map<string, string | undefined>()',
      ],
      ['const capture = { tags: late, keep, since: mark }', 'const capture = { tags: late, keep }'],
    ],
  },
  {
    name: 'late tags are captured without the mark from before the load',
    file: `${core}/permit.ts`,
    edits: [['const capture = { tags: late, keep, since: mark }', 'const capture = { tags: late, keep }']],
  },
  {
    name: 'those who joined are not told about tags',
    file: `${core}/permit.ts`,
    edits: [['return today?.every((id, i) => id === known[i]) ?? false', 'return today !== known']],
  },
  {
    name: 'an invalidation takes effect here only before the remote command',
    file: `${core}/invalidate.ts`,
    edits: [
      [
        '    // what was read from the remote store in between may still be the old value\n    if (remote !== undefined) applyLocally(engine, message)\n',
        '',
      ],
    ],
  },
  {
    name: 'what was invalidated meanwhile is kept locally',
    file: `${core}/engine.ts`,
    edits: [
      [
        'if (local === undefined || !invalidations.isIntact(watch, entry.tags)) return',
        'if (local === undefined) return',
      ],
    ],
  },
  {
    name: 'what runs for a key is not registered',
    file: `${core}/watches.ts`,
    edits: [['token: take(key), until', 'token: { isDestroyed: false, holders: 1 }, until']],
  },
  {
    name: 'a generation of tags goes before every copy was compared with it',
    within: 'tag-log',
    file: `${core}/invalidations.ts`,
    edits: [['sweep.advance((2 * bytes) / size)', 'sweep.advance(bytes / size / 2)']],
  },
  {
    name: 'a generation of tags goes although something runs that began before its end',
    within: 'tag-log',
    file: `${core}/invalidations.ts`,
    edits: [['oldest() < newerFrom && newer.bytes < 2 * size', 'newer.bytes < size']],
  },
  {
    name: 'what began before the tags that are remembered is trusted',
    within: 'tag-log',
    file: `${core}/invalidations.ts`,
    edits: [['    floor = newerFrom\n', '']],
  },
  {
    name: 'a commit is accepted whatever its fence',
    file: reference,
    edits: [['if (current?.token !== request.fence) return false', 'if (current === undefined) return false']],
  },
  {
    name: 'a set is put whatever was invalidated since it began',
    file: reference,
    edits: [
      [
        'if (current === undefined || hardPart(current.token) !== hardPart(request.fence)) return false',
        'if (current === undefined) return false',
      ],
    ],
  },
  {
    name: 'a hot read does not ask whether the bus is complete',
    file: `${core}/read.ts`,
    edits: [[' && at < engine.trustedUntil', '']],
  },
  {
    name: 'a gap in the bus makes no copy void',
    file: `${core}/coherence.ts`,
    edits: [['      distrust()\n      if (isLoss)', '      if (isLoss)']],
  },
  {
    name: 'joining while the remote read is under way shares its verdict',
    file: `${core}/read.ts`,
    edits: [["flight.phase === 'reading'", 'flight.phase.length === 0']],
  },
  {
    name: 'a refused commit is shared with those who joined',
    file: `${core}/load.ts`,
    edits: [["isUnchanged || (isKept && committed !== 'unknown')", 'isUnchanged || isKept || true']],
  },
  {
    name: 'the word of the remote store is taken while it is owed an invalidation',
    file: `${core}/commands.ts`,
    edits: [
      ['isClosed || quarantine.holds(names) || ', 'isClosed || '],
      [
        'return !quarantine.holds(names) && !outbox.recalls.hadSince(names, before)',
        'return !outbox.recalls.hadSince(names, before)',
      ],
    ],
  },
  {
    name: 'what was read before it was told again is believed',
    within: 'nodes',
    file: `${core}/commands.ts`,
    edits: [[' && !outbox.recalls.hadSince(names, before)', '']],
  },
  {
    name: 'what a node has lost is not told again',
    within: 'nodes',
    file: `${core}/recent.ts`,
    edits: [['isLost(history) ? histories.get(history) : undefined', 'undefined']],
  },
  {
    name: 'what another node was told of a key is forgotten',
    within: 'nodes',
    file: `${core}/recalls.ts`,
    edits: [['if (command !== undefined) recall(command, [key])', 'void command']],
  },
  {
    name: 'copies of what a node has lost stay',
    within: 'nodes',
    file: `${core}/outbox.ts`,
    edits: [['    recalled(command, names)\n', '']],
  },
  {
    name: 'a value that was set is not told again',
    within: 'nodes',
    file: `${core}/commands.ts`,
    edits: [["command === 'put' && ", "command === 'touch' && "]],
  },
  {
    name: 'a loader is given copies whatever was invalidated before its load began',
    within: 'within-load',
    file: `${core}/coherence.ts`,
    edits: [[' && vouchedAt >= loadBegan(engine.clock)', '']],
  },
  {
    name: 'a hot read does not ask whether a loader asks',
    within: 'within-load',
    file: `${core}/read.ts`,
    edits: [[' && (remote === undefined || !isWithinLoad())', '']],
  },
  {
    name: 'one node that does not answer stands for all',
    within: 'nodes',
    file: `${core}/commands.ts`,
    edits: [['const name = store.nodes?.of(key) ?? ALONE', 'const name = store.nodes?.of() ?? ALONE']],
  },
  {
    name: 'a load asks for the fence without a lease',
    file: `${core}/remote-policy.ts`,
    edits: [['lease: store.leases ? lease : 0', 'lease: 0 * lease']],
  },
  {
    name: 'Redis: a commit is accepted whatever its fence',
    tests: 'redis',
    file: `${redis}/entry-scripts.ts`,
    edits: [['if not isPut and fence[1] ~= ARGV[2] then return {now, 0} end\n', '']],
  },
  {
    name: 'Redis: a commit leaves its fence as it is',
    tests: 'redis',
    file: `${redis}/entry-scripts.ts`,
    edits: [["'g', line .. '.' .. ARGV[7], 'c'", "'g', ARGV[2], 'c'"]],
  },
  {
    name: 'Redis: a fence is not replaced when it is taken',
    tests: 'redis',
    file: `${redis}/entry-scripts.ts`,
    edits: [[" or (mode == 'take' and fence[5] ~= owner)", '']],
  },
  {
    name: 'Redis: a lease that is held is given away',
    tests: 'redis',
    file: `${redis}/entry-scripts.ts`,
    edits: [["if fence[2] and fence[2] ~= owner and till > now then return {now, 'held', till - now} end\n", '']],
  },
  {
    name: 'Redis: a set is put whatever was invalidated since it began',
    tests: 'redis',
    file: `${redis}/entry-scripts.ts`,
    edits: [["if isPut and line ~= string.match(ARGV[2], '^[^.]*') then return {now, 0} end\n", '']],
  },
  {
    name: 'Redis: expiring leaves the fence',
    tests: 'redis',
    file: `${redis}/entry-scripts.ts`,
    edits: [["for n = 2, #KEYS, 2 do redis.call('UNLINK', KEYS[n]) end\n", '']],
  },
  {
    name: 'Redis: invalidating leaves the fence',
    tests: 'redis',
    file: `${redis}/redis-store.ts`,
    edits: [['const all = keys.map(keysOf)', 'const all = keys.map((key): [string] => [names.entry(key)])']],
  },
  {
    name: 'Redis: where nothing keeps the order, the others are told before it is done',
    tests: 'redis',
    file: `${redis}/redis-store.ts`,
    edits: [['    if (!client.ordered) await writing\n', '']],
  },
  {
    name: 'Redis: nobody is told that a value was set',
    tests: 'redis',
    file: `${redis}/redis-store.ts`,
    edits: [['if (flags & 2) await tell', 'if (flags & 8) await tell']],
  },
  {
    name: 'Redis: a tag without an id counts as unchanged',
    tests: 'redis',
    file: `${redis}/shared-scripts.ts`,
    edits: [
      [
        "    id = ARGV[4] .. n .. '-' .. moment .. '.' .. mark\n",
        "    id = ARGV[4] .. n .. '-' .. moment .. '.' .. mark\n    proved = true\n",
      ],
    ],
  },
  {
    name: 'Redis: an id that was made since counts as unchanged',
    tests: 'redis',
    file: `${redis}/shared-scripts.ts`,
    edits: [[' and tonumber(at) <= tonumber(last)', '']],
  },
  {
    name: 'Redis: invalidations of tags are not counted',
    tests: 'redis',
    file: `${redis}/shared-scripts.ts`,
    edits: [["redis.call('HINCRBY', KEYS[1], 'i', 1)\n${TELL}", '${TELL}']],
  },
  {
    name: 'Redis: a read joins a batch that was sent',
    tests: 'redis',
    file: `${core}/turn.ts`,
    edits: [['        if (open.get(group)?.positions === positions) open.delete(group)\n', '']],
  },
  {
    name: 'Redis: the bus confirms although more was sent than received',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [['if (beat.sent <= head.number || ', 'if (beat.sent <= Infinity || ']],
  },
  {
    name: 'Redis: the bus does not mind numbers that were left out',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [['if (number === head.number + 1 && before !== undefined && before === head.id)', 'if (head.number > 0)']],
  },
  {
    name: 'Redis: the bus does not compare the message before a message with the last one received',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [[' && before !== undefined && before === head.id', '']],
  },
  {
    name: 'Redis: a history of the same length is taken for the same',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [['!beat.remembers || beat.sent < before || isOther', 'beat.sent < before || (isOther && false)']],
  },
  {
    name: 'Redis: the bus does not notice that the log was lost',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [
      [
        "if (beat.epoch !== epoch) return beat.age > clock.now() - heardOf ? 'lost' : 'gap'",
        "if (epoch.length === 0) return 'gap'",
      ],
    ],
  },
  {
    name: 'Redis: the log of another server that was there all along is taken for a new one',
    tests: 'redis',
    within: 'bus',
    file: `${redis}/bus.ts`,
    edits: [["beat.age > clock.now() - heardOf ? 'lost' : 'gap'", "beat.age < 0 ? 'lost' : 'gap'"]],
  },
  {
    name: 'Redis: an answer about a log that was gone counts',
    tests: 'redis',
    within: 'bus',
    file: `${redis}/bus.ts`,
    edits: [[' || about !== epoch', '']],
  },
  {
    name: 'Redis: messages of another database count',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [['      if (epoch !== undefined && one.epoch !== epoch) return\n', '']],
  },
  {
    name: 'Redis: the bus confirms up to the answer instead of the question',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [['      judge(answer, at, before)\n', '      judge(answer, clock.now(), before)\n']],
  },
  {
    name: 'Redis: copies from before the first answer are trusted',
    tests: 'redis',
    file: `${redis}/bus.ts`,
    edits: [['listener?.[verdict]()', 'if (!isFirst) listener?.[verdict]()']],
  },
  {
    name: 'Redis: a repeated open makes the fence again that was invalidated',
    tests: 'redis',
    file: `${redis}/entry-scripts.ts`,
    edits: [
      ["or ARGV[4] .. '-' .. moment", 'or ARGV[4]'],
      ["line .. '.' .. ARGV[4] .. '-' .. moment", "line .. '.' .. ARGV[4]"],
    ],
  },
  {
    name: 'Redis: a repeated capture makes the id again that was invalidated',
    tests: 'redis',
    file: `${redis}/shared-scripts.ts`,
    edits: [["ARGV[4] .. n .. '-' .. moment .. '.' .. mark", "ARGV[4] .. n .. '.' .. mark"]],
  },
  {
    name: 'Redis: a repeated script makes the log again that was lost',
    tests: 'redis',
    file: `${redis}/shared-scripts.ts`,
    edits: [["epoch = ARGV[1] .. '-' .. moment", 'epoch = ARGV[1]']],
  },
  {
    name: 'Redis: of a master that was met between its restart and its next term nothing older is believed',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/lineages.ts`,
    edits: [['known.get(data) ?? (wasElected ? before : undefined)', 'known.get(data)']],
  },
  {
    name: 'Redis: a master that starts anew is believed',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/lineages.ts`,
    edits: [['!wasElected) return startAnew(now, last.lineage)', '!wasElected) return last.lineage']],
  },
  {
    name: 'Redis: a replica of a master that has started anew is believed',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/lineages.ts`,
    edits: [['remember(origin.data, lineage)\n', 'remember(origin.data, UNKNOWN)\n']],
  },
  {
    name: 'Redis: a replica of a master that nobody has met since it started anew is believed',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/lineages.ts`,
    edits: [['wasElected ? now : 0', '0']],
  },
  {
    name: 'Redis: a master that took its place back from one that nobody has met is believed',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/lineages.ts`,
    edits: [['? last.lineage : startAnew(now, last.lineage)', '? last.lineage : last.lineage']],
  },
  {
    name: 'Redis: names are believed that have left a master which has started anew',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/lineages.ts`,
    edits: [['from.instead === to ? 0 : from.notBefore', '0']],
  },
  {
    name: 'Redis: names are believed that nobody asked for before they left a master which has started anew',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/lineages.ts`,
    edits: [['if (from === undefined) return latest', 'if (from === undefined) return 0']],
  },
  {
    name: 'Redis: a node that a slot has come back to is not asked where it has it from',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/slots.ts`,
    edits: [['if (homes[slot] === undefined) move', 'if (homes[slot] !== node) move']],
  },
  {
    name: 'Redis: nobody asks a node that has become a master again',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/redis-store.ts`,
    edits: [['server.meetAgain(name).then(', 'Promise.resolve().then(']],
  },
  {
    name: 'Redis: a node is asked for each entry that is not believed',
    tests: 'redis',
    within: 'nodes',
    file: `${redis}/nodes.ts`,
    edits: [['node.question.isUnderWay() || clock.now() - node.askedAt >= PAUSE', 'node !== undefined']],
  },
  {
    name: 'HTTP: what was left in front of the cache counts for nothing',
    tests: 'http',
    file: `${http}/unkeyed-inputs.ts`,
    edits: [['.filter((name) => isInput(', '.filter((name) => !isInput(']],
  },
  {
    name: 'HTTP: who asks is only reported',
    tests: 'http',
    file: `${http}/judgement.ts`,
    edits: [["if (inputs.some(({ name }) => isIdentity(name))) return 'identity'\n", '\n']],
  },
  {
    name: 'HTTP: what is in the async context of a request counts for nothing',
    tests: 'http',
    file: `${http}/watch-context.ts`,
    edits: [['if (one.isFromOutside(this, found)) one.note(this, found)', 'void one']],
  },
  {
    name: 'HTTP: a refresh runs in the context of the client that began it',
    tests: 'http',
    file: 'packages/core/src/loader.ts',
    edits: [['isRefresh ? engine.outside(call) : call()', 'call()']],
  },
  {
    name: 'HTTP: a refresh has all headers of the client that began it',
    tests: 'http',
    file: `${http}/handler-request.ts`,
    edits: [['isRefresh && !selecting.has(name)', 'false && !selecting.has(name)']],
  },
  {
    name: 'HTTP: what is sent with the head at the last moment counts for nothing',
    tests: 'http',
    file: `${http}/late-fields.ts`,
    edits: [["if (linesOf(added, 'set-cookie').length > 0) return true\n", '\n']],
  },
  {
    name: 'HTTP: nobody waits until the head has gone out',
    tests: 'http',
    file: `${http}/fill.ts`,
    edits: [
      ['const addedLater = await late(answer)', 'const addedLater = await Promise.race([late(answer), undefined])'],
    ],
  },
  {
    name: 'HTTP: what is decided while the body is made counts for nothing',
    tests: 'http',
    file: `${http}/fill.ts`,
    edits: [['const last = judged()', 'const last = first']],
  },
  {
    name: 'HTTP: a response is stored for what the client sent and the handler was not shown',
    tests: 'http',
    file: `${http}/judgement.ts`,
    edits: [['how.isHidden(name) ? undefined : exchange', 'false ? undefined : exchange']],
  },
  {
    name: 'HTTP: what selects a response is told to nobody behind',
    tests: 'http',
    file: `${http}/selecting-fields.ts`,
    edits: [['withVary(withVary(fields, declared), ', 'withVary(fields, ']],
  },
  {
    name: 'HTTP: what one client was refused for is held against the others',
    tests: 'http',
    file: `${http}/known-refusals.ts`,
    edits: [['if (at < refused.heldUntil) return refused.why', 'if (at < refused.until) return refused.why']],
  },
  {
    name: 'HTTP: a refresh tells the request that it began with what it comes to',
    tests: 'http',
    file: `${http}/fill.ts`,
    edits: [['(isRefresh ? NOBODY : call)', '(isRefresh ? call : call)']],
  },
  {
    name: 'HTTP: a CDN is told to keep what is not judged to its end',
    tests: 'http',
    file: `${http}/fill.ts`,
    edits: [['emittedControl({ ...copies, shared: 0 })', 'control']],
  },
  {
    name: 'HTTP: what is known to be one client’s is not private',
    tests: 'http',
    file: `${http}/respond.ts`,
    edits: [['? forOne(outgoing, refusal) : outgoing', '? outgoing : outgoing']],
  },
  {
    name: 'HTTP: variants are kept for whoever came first',
    tests: 'http',
    file: `${http}/variant-limit.ts`,
    edits: [['variants.delete(variant)\n', '\n']],
  },
]
