import type { Peer } from '../peers/peer.ts'

/** What is in use after everything that nobody needs is gone, in bytes; outside of V8's heap too. */
function used(): number {
  if (gc === undefined) throw new Error('needs --expose-gc')
  for (let i = 0; i < 3; i++) gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Bytes that each of so many small entries takes in a cache of this process, its key and value included. */
export async function held(peer: Peer, count: number): Promise<number> {
  const options = { layout: 'local', url: '', ttl: 3_600_000, maxEntries: count } as const
  const load = async (id: unknown): Promise<unknown> => ({ id })
  const cache = await peer.open({ ...options, load, keep: (kept) => kept })
  // so that nothing is counted that comes with the first call
  await cache.read('first')
  const before = used()
  for (let i = 1; i < count; i++) await cache.read(`user-${i}`)
  const bytes = (used() - before) / (count - 1)
  // without a use after it the cache itself would be gone by now
  await cache.close()
  return bytes
}
