import { createHistogram, type Histogram } from 'node:perf_hooks'
import type { CitiesStats } from '../src/cities.ts'
import { type Client, createClient } from './client.ts'
import { createLedger, type Claim, type Staleness } from './ledger.ts'
import type { Read } from './plan-reads.ts'
import type { Write } from './plan-writes.ts'
import { type RunStats, sumOf } from './run-stats.ts'

export type DriveOptions = {
  /** Processes of the same service, asked in turn. */
  readonly urls: readonly string[]
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
  readonly stats: RunStats
}

/** Sends the reads in their order over keep-alive connections, writes meanwhile, and checks every answer. */
export async function drive({ urls, reads, writes, concurrency, onProgress }: DriveOptions): Promise<Run> {
  const clients = urls.map((url) => createClient(url, concurrency * 2))
  const inTurn = (index: number): Client => clients[index % clients.length] as Client
  const ledger = createLedger()
  const latencies = createHistogram()
  const readsPerWrite = Math.ceil(reads.length / (writes.length + 1))
  const pendingReads = reads.entries()
  const pendingWrites = writes.entries()
  let writing = Promise.resolve()
  let done = 0

  async function read(client: Client, { path }: Read): Promise<void> {
    const sentAt = performance.now()
    const claims = await client.get<readonly Claim[]>(path)
    const receivedAt = performance.now()
    latencies.record(Math.ceil((receivedAt - sentAt) * 1_000))
    for (const claim of claims) ledger.check(claim, { sentAt, receivedAt })
    onProgress(++done)
  }

  async function writeNext(): Promise<void> {
    const { value } = pendingWrites.next()
    if (!value) return
    const [index, write] = value
    await inTurn(index).put(`/cities/${write.id}/population`, { population: write.population })
    ledger.acknowledge(write, performance.now())
  }

  // All lanes take from the same iterator. Writes wait for each other: only then is it known what the last one was.
  async function lane(): Promise<void> {
    for (const [index, next] of pendingReads) {
      if (index % readsPerWrite === readsPerWrite - 1) {
        writing = writing.then(writeNext)
        await writing
      }
      await read(inTurn(index), next)
    }
  }

  const startedAt = performance.now()
  await Promise.all(Array.from({ length: concurrency }, lane))
  const elapsedMs = performance.now() - startedAt
  const stats = sumOf(await Promise.all(clients.map((client) => client.get<CitiesStats>('/stats'))))
  await Promise.all(clients.map((client) => client.close()))
  return { reads, elapsedMs, latencies, staleness: ledger.staleness(), stats }
}
