import type { Engine } from './engine.ts'
import type { Advice, RemoteStore } from './store.ts'

const LINK = 'https://github.com/shelflife/shelflife/blob/main/docs/advice.md#'

function* aboutOptions({ local, policy }: Engine, store: RemoteStore): Generator<Advice> {
  if (local !== undefined && store.bus === undefined) {
    const problem = `${store.label} cannot tell what other processes invalidate, so local copies live for maxDrift at most`
    yield { about: 'no-bus', problem }
  }
  for (const [name, { jitter, ttl }] of policy.tiers) {
    if (jitter > 0 || ttl === Infinity) continue
    const problem = `tier '${name}' has no jitter, so entries that were loaded together expire together in every process`
    yield { about: 'no-jitter', problem }
  }
}

/** Looks at how the cache, the store and its server are set up, and tells what will hurt one day. Never rejects. */
export async function advise(engine: Engine, store: RemoteStore): Promise<void> {
  const tell = ({ about, problem }: Advice): void =>
    engine.sinks.advice?.({ store: store.label, problem, link: LINK + about })
  // listeners are attached after the cache is made
  await Promise.resolve()
  for (const advice of aboutOptions(engine, store)) tell(advice)
  try {
    for (const advice of (await store.advise?.()) ?? []) tell(advice)
  } catch {
    // what matters of it shows in the commands
  }
}
