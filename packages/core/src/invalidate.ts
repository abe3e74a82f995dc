import type { BusMessage } from './bus.ts'
import type { Engine, Write } from './engine.ts'
import { applyLocally, outcomesOf } from './engine.ts'
import { ShelflifeError } from './errors.ts'
import type { RemoteOutcome } from './events.ts'
import type { InvalidationOptions } from './options.ts'
import { fullTags, onlyTags } from './tags.ts'

/** What is known of an invalidation when its promise resolves. */
export interface Invalidation {
  /** No read in this process that starts now returns what was invalidated. */
  readonly local: true
  /**
   * `done`: the same holds for every process. `queued`: the remote store did not answer; it will be told when it
   * does, and until then this process does not trust what it says on these names. `none`: there is no remote store.
   * `closed`: the cache was closed before the call; nothing is told any more.
   */
  readonly remote: RemoteOutcome
}

/**
 * Invalidates or expires names here, in the remote store and in every other process.
 *
 * @throws ShelflifeError `remote-unreachable` if that is required
 */
export function invalidate(
  engine: Engine,
  message: BusMessage,
  options: InvalidationOptions | undefined,
): Promise<Invalidation> {
  if (engine.closed) return whenClosed(engine, options)
  const sent = sentBefore(engine, message)
  const work = carryOut(engine, message, sent, options)
  // who waits for it is told
  engine.background.run(work, () => {})
  register(engine, message, { work, sent })
  return engine.keepAlive.during(work)
}

/** What a closed cache says, which keeps nothing and tells nobody. */
export async function whenClosed({ remote }: Engine, options: InvalidationOptions | undefined): Promise<Invalidation> {
  if (remote === undefined || options?.require !== 'remote') return { local: true, remote: 'closed' }
  throw new ShelflifeError('remote-unreachable', "the cache is closed, so require: 'remote' cannot be kept")
}

/** Tags as a caller gives them. */
interface Given {
  readonly type: 'invalidateTags' | 'expireTags'
  readonly namespace: string
  readonly tags: readonly string[]
}

/**
 * Invalidates or expires tags, all that are such: what is none among them takes nothing with it.
 *
 * @throws ShelflifeError `invalid-option` for what is no tag, when the others have been told
 */
export async function invalidateTags(
  engine: Engine,
  { type, namespace, tags }: Given,
  options: InvalidationOptions | undefined,
): Promise<Invalidation> {
  const good = Array.isArray(tags) ? onlyTags(tags) : tags
  const told = await invalidate(engine, { type, names: fullTags(namespace, good) }, options)
  // says which one is none
  if (good.length < tags.length) fullTags(namespace, tags)
  return told
}

interface UnderWay {
  readonly work: Promise<Invalidation>
  readonly sent: Write['sent']
}

/** What is set from now on has to come after it, also at the store. */
function register(engine: Engine, message: BusMessage, { work, sent }: UnderWay): void {
  const { writes, remote } = engine
  if (remote === undefined) return
  const before = outcomesOf(engine, message.names)
  // what came before may be slower, and would take away what is set after this one
  const ended = before.length === 0 ? work : Promise.allSettled(before).then(() => work)
  const outcome = ended.then(
    (told) => end(told.remote),
    () => end('queued'),
  )
  const write: Write = { outcome, sent, isVoid: true }
  for (const name of message.names) writes.set(name, write)

  function end(told: RemoteOutcome): RemoteOutcome {
    for (const name of message.names) if (writes.get(name) === write) writes.delete(name)
    return told
  }
}

/** Values that were set before and are under way: they may be overtaken on the way to the store. Those that wait for it never go. */
function sentBefore({ writes, setsOf }: Engine, { names }: BusMessage): Write['sent'] {
  const sent: unknown[] = []
  for (const name of names) {
    for (const write of [writes.get(name), ...(setsOf.get(name) ?? [])]) {
      if (write === undefined) continue
      write.isVoid = true
      if (write.sent !== undefined) sent.push(write.sent)
    }
    // whoever comes next waits for this one
    setsOf.delete(name)
  }
  return sent.length === 0 ? undefined : Promise.allSettled(sent)
}

async function carryOut(
  engine: Engine,
  message: BusMessage,
  sent: Write['sent'],
  options: InvalidationOptions | undefined,
): Promise<Invalidation> {
  const { remote, sinks } = engine
  const { type, names } = message
  let outcome: RemoteOutcome = remote ? 'queued' : 'none'
  applyLocally(engine, message)
  try {
    if (remote !== undefined && sent !== undefined) await sent
    if (remote !== undefined) outcome = await remote.apply(type, names, options)
  } finally {
    // what was read from the remote store in between may still be the old value
    if (remote !== undefined) applyLocally(engine, message)
    sinks[type]?.({ names, remote: outcome })
  }
  return { local: true, remote: outcome }
}
