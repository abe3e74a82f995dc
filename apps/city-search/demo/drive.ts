import { createHistogram, type Histogram } from 'node:perf_hooks'
import type { CitiesStats } from '../src/cities.ts'
import { createClient } from './client.ts'
import { createLedger, type Claim, type Staleness } from './ledger.ts'
import type { Read } from './plan-reads.ts'
import type { Write } from './plan-writes.ts'

export type DriveOptions = {
  readonly url: string
  readonly reads: readonly Read[]
  /** Spread evenly over the reads. */
  readonly writes: readonly Write[]
  /** How many reads are under way at any time. */
  readonly concurrency: number
  readonly onProgress: (reads: number) => void
}

export type Run = {
  readonly reads: readonly Read[]
  readonly elapsedMs: number
  /** In µs, from before the request was sent until its answer was read. */
  readonly latencies: Histogram
  readonly staleness: Staleness
  readonly stats: CitiesStats
}

/** Sends the reads in their order over keep-alive connections, writes meanwhile, and checks every answer. */
export async function drive({ url, reads, writes, concurrency, onProgress }: DriveOptions): Promise<Run> {
  const client = createClient(url, concurrency * 2)
  const ledger = createLedger()
  const latencies = createHistogram()
  const readsPerWrite = Math.ceil(reads.length / (writes.length + 1))
  const pendingReads = reads.entries()
  const pendingWrites = writes.values()
  let writing = Promise.resolve()
  let done = 0

  async function read({ path }: Read): Promise<void> {
    const sentAt = performance.now()
    const claims = await client.get<readonly Claim[]>(path)
    const receivedAt = performance.now()
    latencies.record(Math.ceil((receivedAt - sentAt) * 1_000))
    for (const claim of claims) ledger.check(claim, { sentAt, receivedAt })
    onProgress(++done)
  }

  async function writeNext(): Promise<void> {
    const { value: write } = pendingWrites.next()
    if (!write) return
    await client.put(`/cities/${write.id}/population`, { population: write.population })
    ledger.acknowledge(write, performance.now())
  }

  // All lanes take from the same iterator. Writes wait for each other: only then is it known what the last one was.
  async function lane(): Promise<void> {
    for (const [index, next] of pendingReads) {
      if (index % readsPerWrite === readsPerWrite - 1) {
        writing = writing.then(writeNext)
        await writing
      }
      await read(next)
    }
  }

  const startedAt = performance.now()
  await Promise.all(Array.from({ length: concurrency }, lane))
  const elapsedMs = performance.now() - startedAt
  const stats = await client.get<CitiesStats>('/stats')
  await client.close()
  return { reads, elapsedMs, latencies, staleness: ledger.staleness(), stats }
}
