import type { BusMessage, CommitRequest, RemoteRecord, RemoteStore } from '@shelflife/core'
import { inOneTurn, inParts, protocol } from '@shelflife/core/protocol'

import { adviceOn } from './advice.ts'
import { createBus } from './bus.ts'
import { createChannel } from './channel.ts'
import { COMMIT, COMMIT_TEXT, EXPIRE, OPEN, RELEASE, RENEW, TOUCH, WATCH } from './entry-scripts.ts'
import { bodyOf, parseMessage, wakeUp, wokenBy } from './message.ts'
import { createNames } from './names.ts'
import { newId } from './new-id.ts'
import type { RedisStoreOptions } from './options.ts'
import { resolveRedisOptions } from './options.ts'
import type { RedisClient } from './redis-client.ts'
import { listOf, NEVER, numberOf, openedOf, recordOf, textOf, toldOf } from './replies.ts'
import type { Script } from './script.ts'
import { createReads } from './reads.ts'
import { rememberedBy } from './remembered.ts'
import { createServer, isApart } from './server.ts'
import { CAPTURE, EXPIRE_TAGS, INVALIDATE_TAGS, PUBLISH } from './shared-scripts.ts'
import { textOfBytes } from './text-bytes.ts'
import { waitingFor } from './wait-for-replicas.ts'
import { createWaits } from './waits.ts'

/** Longer than any load goes on without renewing its lease. */
const FENCE_LIFE = 3_600_000
/** As long as a repeated commit may come late. */
const USED_FENCE_LIFE = 60_000
/** Those who come meanwhile load side by side. */
const FAILURE_LIFE = 3000
/** Arguments of one command. */
const MOST_NAMES = 1000
const LONGEST = 1e14

type NonEmpty = readonly [string, ...string[]]

/** Redis takes whole milliseconds; nothing stands for ever. */
const forever = (ms: number): string | number => (ms < LONGEST ? Math.ceil(ms) : '')
const whole = (ms: number): number => Math.floor(Math.min(ms, 9e15))

/**
 * Entries, leases, tag ids and messages in Redis, over any client.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example redisStore(exampleClient(client), { prefix: 'shop' })
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): RemoteStore {
  const { prefix, budget, codec, clock, maxValueBytes, keyOf, waitForReplicas } = resolveRedisOptions(options)
  const names = createNames(prefix)
  const server = createServer(client, names, clock)
  const channel = createChannel(client, names)
  let sender: string | undefined
  /** Not before the first message: some runtimes have no random numbers while modules are loaded. */
  const senderId = (): string => (sender ??= newId())
  const replicated = waitingFor(server, waitForReplicas, budget.read / 2)

  const keysOf = (key: string): [string, string] => [names.entry(key), names.fence(key)]

  function hear(payload: string): void {
    const woken = wokenBy(payload)
    if (woken !== undefined) return waits.wake(woken)
    const received = parseMessage(payload)
    bus.receive(received)
    if (received?.message.type === 'invalidate' || received?.message.type === 'expire') {
      for (const key of received.message.names) waits.wake(key)
    }
  }

  const subscribe = (): void => channel.open(hear)
  const bus = createBus({ clock, beat: server.beat, database: server.database, subscribe, sender: senderId })
  const remembered = rememberedBy(server, bus, clock)
  const reads = createReads({ server, isCluster: client.cluster, names, remembered, clock })
  const waits = createWaits({
    clock,
    isPushed: channel.active,
    mayBePushed: client.subscribe !== undefined,
    async watch(key) {
      return numberOf(await server.run(WATCH, keysOf(key), []), 'watch')
    },
  })

  /** Runs a script that tells the bus in the same step. */
  async function tell(script: Script, keys: readonly string[], message: BusMessage): Promise<void> {
    const args = [newId(), await channel.command(), names.channel, bodyOf(senderId(), message), bus.known()]
    await bus.told(toldOf(await server.run(script, [names.log, ...keys], args)))
  }

  async function tellTags(script: Script, type: 'invalidateTags' | 'expireTags', tags: readonly string[]) {
    await tell(script, tags.map(names.tag), { type, names: tags })
    await replicated([names.log])
  }

  const publish = (message: BusMessage): Promise<void> => tell(PUBLISH, [], message)

  /** Writes, then tells, at once where the connection keeps the order. */
  async function change(type: 'invalidate' | 'expire', keys: readonly string[], writing: Promise<void>) {
    if (!client.ordered) await writing
    await Promise.all([writing, publish({ type, names: keys })])
  }

  // a client that is shared with an application in the middle of a transaction answers otherwise
  const remove = async (names: NonEmpty): Promise<number> =>
    numberOf(await server.send(['UNLINK', ...names], names[0]), 'unlink')

  /** Entry and fence together; one after the other where they are on two nodes, or one that is not there may be. */
  async function inSlot(names: readonly [string, string], run: (names: NonEmpty) => Promise<unknown>): Promise<void> {
    try {
      await run(names)
    } catch (error) {
      if (!isApart(error)) throw error
      const [entry, fence] = names
      // first, or a load could end in between
      await remove([fence])
      await run([entry])
    }
  }

  /** Entries and fences of keys, all at once where they may be. */
  async function eachSlot(keys: readonly string[], run: (names: NonEmpty) => Promise<unknown>): Promise<void> {
    const all = keys.map(keysOf)
    const [first, ...rest] = all
    if (first === undefined) return
    await (client.cluster ? Promise.all(all.map((names) => inSlot(names, run))) : run([...first, ...rest.flat()]))
    await replicated(all.map(([entry]) => entry))
  }

  const unlink = (keys: readonly string[]): Promise<void> => eachSlot(keys, remove)

  const expire = (keys: readonly string[]): Promise<void> =>
    eachSlot(keys, async (names) => numberOf(await server.run(EXPIRE, names, []), 'expire'))

  async function eachPart(all: readonly string[], run: (part: readonly string[]) => Promise<unknown>): Promise<void> {
    for (const part of inParts(all, MOST_NAMES)) await run(part)
  }

  /** What loads and values that were set have replaced. */
  const tellReplaced = inOneTurn(
    (keys: readonly string[]) => publish({ type: 'invalidate', names: keys }),
    () => MOST_NAMES,
  )

  async function capture(tags: readonly string[], keep: number, since: string): Promise<readonly string[]> {
    const args = [newId(), forever(keep), since, newId()]
    const capturing = server.run(CAPTURE, [names.log, ...tags.map(names.tag)], args)
    const reply = listOf(await remembered(capturing), 'capture')
    return Array.from({ length: tags.length + 1 }, (_, i) => textOf(reply[i], 'capture'))
  }

  /** Ids that are to be kept equally long are asked for together: all entries of a namespace have one in common. */
  const captureTogether = inOneTurn(
    (tags: readonly string[], keep: number) => capture(tags, keep, ''),
    () => MOST_NAMES,
  )

  async function store(
    command: 'commit' | 'put',
    { key, owner, fence, envelope, age, ttl, keep }: CommitRequest,
  ): Promise<boolean> {
    const times = [Math.ceil(age), whole(ttl), forever(keep)]
    const [script, sent] = client.textOnly ? [COMMIT_TEXT, textOfBytes(envelope)] : [COMMIT, envelope]
    const args = [owner, fence, sent, ...times, newId(), USED_FENCE_LIFE, command]
    const [answer] = await server.runTimed(script, keysOf(key), args)
    const flags = numberOf(answer, 'commit')
    if (flags & 2) await tellReplaced([key], undefined).answer
    else if (flags & 4) wake(key)
    return flags > 0
  }

  /** Nobody waits for it, and where it is lost those who wait look for themselves. */
  function wake(key: string): void {
    channel.command().then(
      (command) => client.send([command, names.channel, wakeUp(key)], names.channel).catch(() => {}),
      () => {},
    )
  }

  type Recorded = RemoteRecord | undefined

  function recordAt(name: string, found: Uint8Array | undefined): Recorded | Promise<Recorded> {
    const record = recordOf(found, server.nodeOf(name))
    if (record?.createdAt !== NEVER) return record
    // it may have been met just before it heard that another one was master, and be one again
    return server.meetAgain(name).then(() => recordOf(found, server.nodeOf(name)))
  }

  let lastBytes: Uint8Array | undefined
  let lastId = ''

  /** Whoever asks together has mostly asked for the same tags. */
  function idOf(bytes: Uint8Array | undefined): string | undefined {
    if (bytes === undefined) return undefined
    if (bytes !== lastBytes) lastId = textOf((lastBytes = bytes), 'read')
    return lastId
  }

  return {
    kind: 'remote',
    protocol,
    label: client.label,
    leases: true,
    budget,
    codec,
    maxValueBytes,
    advise: () => adviceOn(client, names.log),
    ...(keyOf && { keyOf }),
    ...(client.subscribe && { bus }),
    ...(client.lossesOf && { history: server.history }),
    onAnswer: server.onAnswer,
    ...(client.cluster && { nodes: { ...server.nodes, invalidate: unlink, expire, tell: publish } }),

    read(key, tags) {
      const entry = names.entry(key)
      return reads.entry(entry, tags.map(names.tag)).then(([found, ...all]) => {
        const [record, ids] = [recordAt(entry, found), all.map(idOf)]
        return record instanceof Promise ? record.then((met) => ({ record: met, ids })) : { record, ids }
      })
    },

    async readTags(tags) {
      return (await reads.tags(tags.map(names.tag))).map(idOf)
    },

    async open({ key, owner, lease, mode }) {
      const args = [mode, owner, Math.ceil(lease), newId(), FENCE_LIFE]
      const entry = names.entry(key)
      const [state, detail] = await server.believed(entry, server.runTimed(OPEN, keysOf(key), args))
      return openedOf(textOf(state, 'open'), detail, server.nodeOf(entry))
    },

    async capture({ tags, keep, since }) {
      const round = since === undefined ? captureTogether(tags, keep) : undefined
      const [mark = '', ...ids] = await (round?.answer ?? capture(tags, keep, since ?? ''))
      const positions = round?.positions ?? tags.keys()
      return { mark, ids: Array.from(positions, (position) => ids[position] || undefined) }
    },

    commit: (request) => store('commit', request),
    put: (request) => store('put', request),

    async renew({ key, owner, lease }) {
      return (await server.run(RENEW, keysOf(key), [owner, Math.ceil(lease), FENCE_LIFE])) === 1
    },

    async release({ key, owner, failed }) {
      const isAwaited = await server.run(RELEASE, keysOf(key), [owner, failed ? FAILURE_LIFE : 0])
      if (isAwaited === 1) wake(key)
    },

    settled(key, ms) {
      subscribe()
      return waits.settled(key, ms)
    },

    async touch({ key, ttl, keep }) {
      numberOf(await server.run(TOUCH, keysOf(key), [whole(ttl), forever(keep)]), 'touch')
    },

    invalidate: (all) => eachPart(all, (keys) => change('invalidate', keys, unlink(keys))),

    expire: (all) => eachPart(all, (keys) => change('expire', keys, expire(keys))),

    invalidateTags: (all) => eachPart(all, (tags) => tellTags(INVALIDATE_TAGS, 'invalidateTags', tags)),

    expireTags: (all) => eachPart(all, (tags) => tellTags(EXPIRE_TAGS, 'expireTags', tags)),

    async close() {
      bus.close()
      waits.close()
      await channel.close()
      await client.close()
    },
  }
}
