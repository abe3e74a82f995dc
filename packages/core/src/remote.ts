import type { Background } from './background.ts'
import { createBreaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { Codec } from './codec.ts'
import { withDeadline } from './deadline.ts'
import type { Envelope } from './envelope.ts'
import { decodeEnvelope, encodeEnvelope } from './envelope.ts'
import { ShelflifeError } from './errors.ts'
import type { RemoteOutcome, Sinks } from './events.ts'
import type { Isolated, Isolation } from './isolate.ts'
import { isolate } from './isolate.ts'
import { jsonCodec } from './json-codec.ts'
import type { Owed } from './quarantine.ts'
import { createQuarantine } from './quarantine.ts'
import type { CommitRequest, Opened, OpenRequest, RemoteRecord, RemoteStore, TagCapture } from './store.ts'

/** A record whose tags are as they were before its load. */
export interface Found {
  readonly envelope: Envelope
  readonly createdAt: number
  readonly freshUntil: number
}

/** `void`: something is there, but not an entry that may be used. `unavailable`: the store cannot be asked. */
export type RemoteAnswer = Found | 'none' | 'void' | 'unavailable'

/**
 * The remote store as the algorithms see it: it never throws and never takes longer than its budget. `undefined`
 * stands for a store that did not answer, or whose answer cannot be trusted at the moment.
 */
export interface Remote {
  readonly leases: boolean
  read(key: string, tags: readonly string[]): Promise<RemoteAnswer>
  open(request: OpenRequest, tags: readonly string[], keep: number): Promise<Grant | undefined>
  capture(tags: readonly string[], keep: number, since: string): Promise<TagCapture | undefined>
  commit(request: CommitRequest): Promise<boolean | undefined>
  renew(request: Parameters<RemoteStore['renew']>[0]): Promise<boolean | undefined>
  release(request: Parameters<RemoteStore['release']>[0]): Promise<unknown>
  settled(key: string, ms: number): Promise<void>
  touch(request: Parameters<RemoteStore['touch']>[0]): Promise<unknown>
  /** Carries an invalidation out, or keeps it until the store answers again. */
  apply(command: Owed['command'], names: readonly string[]): Promise<RemoteOutcome>
  encode(key: string, value: unknown, header: Omit<Envelope, 'codec' | 'payload'>): Promise<Uint8Array>
  /** The value of an envelope, isolated; `undefined` where its payload cannot be read. */
  decode(key: string, envelope: Envelope, isolation: Isolation): Promise<Isolated | undefined>
  close(): Promise<void>
}

/** The answer to `open`, with the tag ids of that moment. */
export interface Grant {
  readonly opened: Exclude<Opened, { state: 'filled' }> | { readonly state: 'filled'; readonly answer: RemoteAnswer }
  readonly ids: readonly string[]
  readonly mark: string
}

export interface RemoteParts {
  readonly store: RemoteStore
  readonly codec: Codec | undefined
  readonly namespace: string
  readonly clock: Clock
  readonly sinks: Sinks
  readonly background: Background
}

const BUDGET = { read: 100, write: 500 }
/** Clocks are translated, not equal; a record from further ahead than this is not believed. */
const SLACK = 1000
const REPLAY_PAUSE = 500

const invalidating = (id: string): string => id.slice(0, id.indexOf('.'))

export function createRemote({ store, codec: own, namespace, clock, sinks, background }: RemoteParts): Remote {
  const codec = own ?? store.codec ?? jsonCodec
  const budget = store.budget ?? BUDGET
  const quarantine = createQuarantine(namespace)
  const breaker = createBreaker(clock, (state) => sinks.breaker?.({ store: store.label, state }))
  let replaying = false
  let cancelReplay = (): void => {}

  function late(command: string, ms: number): Error {
    return new ShelflifeError('store-timeout', `${store.label} did not answer \`${command}\` within ${ms} ms`)
  }

  /** Past breaker and quarantine: for the replay itself. */
  async function attempt<T>(command: string, ms: number, run: () => Promise<T>): Promise<T | undefined> {
    if (!breaker.allows()) return undefined
    try {
      const answer = await withDeadline(run(), ms, clock, () => late(command, ms))
      breaker.succeeded()
      return answer
    } catch (error) {
      breaker.failed()
      sinks.storeError?.({ store: store.label, command, error })
      return undefined
    }
  }

  async function call<T>(
    command: string,
    ms: number,
    names: readonly string[],
    run: () => Promise<T>,
  ): Promise<T | undefined> {
    if (quarantine.holds(names)) return undefined
    const answer = await attempt(command, ms, async () => run())
    // an invalidation may have failed while the command was under way
    return quarantine.holds(names) ? undefined : answer
  }

  function replay(): void {
    if (replaying) return
    replaying = true
    background.run(replayAll())
  }

  async function replayAll(): Promise<void> {
    for (const owed of quarantine.owed()) {
      const done = await attempt(owed.command, budget.write, async () => {
        await store[owed.command]([owed.name])
        return true
      })
      if (done === undefined) break
      quarantine.paid(owed)
    }
    replaying = false
    if (quarantine.size > 0) cancelReplay = clock.after(REPLAY_PAUSE, replay)
  }

  function examine(
    key: string,
    record: RemoteRecord,
    expected: readonly string[],
    ids: ReadonlyMap<string, string | undefined>,
    envelope: Envelope,
  ): RemoteAnswer {
    let { createdAt, freshUntil } = record
    const now = clock.now()
    if (envelope.codec !== codec.id || createdAt > now + SLACK || freshUntil > now + envelope.ttl + SLACK) return 'void'
    // a tag that is expected now but was not stored then could be invalidated without effect
    if (expected.some((tag) => !envelope.tags.includes(tag))) return 'void'
    for (const [i, tag] of envelope.tags.entries()) {
      const then = envelope.ids[i] as string
      const today = ids.get(tag)
      if (today === then) continue
      if (today === undefined || invalidating(today) !== invalidating(then)) return 'void'
      freshUntil = Math.min(freshUntil, now)
    }
    return quarantine.holds([key, ...envelope.tags]) ? 'unavailable' : { envelope, createdAt, freshUntil }
  }

  async function examineRecord(
    key: string,
    record: RemoteRecord,
    asked: readonly string[],
    answers: readonly (string | undefined)[],
  ): Promise<RemoteAnswer> {
    const envelope = readHeader(key, record)
    if (envelope === undefined) return 'void'
    const ids = new Map(asked.map((tag, i) => [tag, answers[i]]))
    // tags that were only named during the load
    const others = envelope.tags.filter((tag) => !ids.has(tag))
    if (others.length > 0) {
      const more = await call('readTags', budget.read, others, () => store.readTags(others))
      if (more === undefined) return 'unavailable'
      for (const [i, tag] of others.entries()) ids.set(tag, more[i])
    }
    return examine(key, record, asked, ids, envelope)
  }

  function readHeader(key: string, record: RemoteRecord): Envelope | undefined {
    try {
      return decodeEnvelope(key, record.envelope)
    } catch (error) {
      sinks.corrupt?.({ key, error })
      return undefined
    }
  }

  return {
    leases: store.leases,
    async read(key, tags) {
      const answer = await call('read', budget.read, [key, ...tags], () => store.read(key, tags))
      if (answer === undefined) return 'unavailable'
      return answer.record === undefined ? 'none' : examineRecord(key, answer.record, tags, answer.ids)
    },
    async open(request, tags, keep) {
      const names = [request.key, ...tags]
      const [opened, captured] = await Promise.all([
        call('open', budget.write, names, () => store.open(request)),
        call('capture', budget.write, names, () => store.capture({ tags, keep })),
      ])
      if (opened === undefined || captured === undefined) return undefined
      // every id is there: without a mark there is nothing a tag could have changed since
      const { ids, mark } = captured as { ids: readonly string[]; mark: string }
      if (opened.state !== 'filled') return { opened, ids, mark }
      const answer = await examineRecord(request.key, opened.record, tags, ids)
      return { opened: { state: 'filled', answer }, ids, mark }
    },
    capture: (tags, keep, since) => call('capture', budget.write, tags, () => store.capture({ tags, keep, since })),
    commit: (request) => call('commit', budget.write, [request.key], () => store.commit(request)),
    renew: (request) => call('renew', budget.write, [request.key], () => store.renew(request)),
    release: (request) => call('release', budget.write, [request.key], () => store.release(request)),
    settled: (key, ms) => store.settled(key, ms),
    touch: (request) => call('touch', budget.write, [request.key], () => store.touch(request)),
    async apply(command, names) {
      // replayed in order: nothing overtakes what waits already
      const done =
        quarantine.size > 0
          ? undefined
          : await attempt(command, budget.write, async () => {
              await store[command](names)
              return true
            })
      if (done === true) return 'done'
      quarantine.add(command, names)
      replay()
      return 'queued'
    },
    async encode(key, value, header) {
      const payload = await codec.encode(value)
      return encodeEnvelope(key, { ...header, codec: codec.id, payload })
    },
    async decode(key, envelope, isolation) {
      try {
        return isolate(await codec.decode(envelope.payload), isolation)
      } catch (error) {
        sinks.corrupt?.({ key, error })
        return undefined
      }
    },
    async close() {
      cancelReplay()
      await attempt('close', budget.write, () => store.close())
    },
  }
}
