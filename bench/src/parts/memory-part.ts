import { startChild } from '../children/start-child.ts'
import { offers } from '../peers/peer.ts'
import { CONTESTANTS, OURS } from '../peers/peers.ts'
import { digits, ratio } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import type { Part } from './part.ts'
import { BENCH_CHILD } from './side-by-side.ts'

const ENTRIES = 200_000
/** Processes at a time: what is in the way of each other changes no size. */
const LANES = 2
const BASELINE = 'lru-cache'

/** What small entries take in this process. Once: it comes out the same each time. */
export const memoryPart: Part = async () => {
  const names = CONTESTANTS.filter((peer) => offers(peer, ['local'])).map(({ name }) => name)
  const waiting = [...names]
  const bytes = new Map(names.map((name) => [name, Number.NaN]))
  async function lane(): Promise<void> {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const child = await startChild(BENCH_CHILD, { execArgv: ['--expose-gc'] })
      bytes.set(name, Number(await child.call('entryBytes', name, ENTRIES)))
      await child.kill()
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const base = bytes.get(BASELINE) ?? Number.NaN
  const rows = [...bytes].map(([name, size]) => [name, digits(size), ratio(size / base)])
  return {
    text: tableText({ head: ['', 'bytes per entry', `× ${BASELINE}`], rows }),
    panels: [{ title: 'bytes per small entry', bars: [...bytes].map(([name, value]) => ({ name, value })) }],
    targets: [
      {
        name: `bytes per small entry, beside ${BASELINE}`,
        reached: (bytes.get(OURS) ?? Number.NaN) / base,
        atMost: 1.3,
      },
    ],
  }
}
