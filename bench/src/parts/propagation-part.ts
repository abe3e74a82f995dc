import { startRedis } from '@shelflife/test-servers'
import { setTimeout as sleep } from 'node:timers/promises'

import { startChild } from '../children/start-child.ts'
import { median } from '../measure/median.ts'
import type { Peer } from '../peers/peer.ts'
import { offers } from '../peers/peer.ts'
import { LIBRARIES } from '../peers/peers.ts'
import { duration } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import type { Part } from './part.ts'
import { BENCH_CHILD } from './side-by-side.ts'

const REPEATS = 30
const PATIENCE = 5000

/** Milliseconds from the call that invalidates until another process, which had a copy, reads a newer value. */
async function delays(peer: Peer, url: string): Promise<readonly number[]> {
  const [one, other] = [await startChild(BENCH_CHILD), await startChild(BENCH_CHILD)]
  try {
    for (const { call } of [one, other]) {
      await call('open', { peer: peer.name, layout: 'both', url, ttl: 3_600_000, maxEntries: 1000 })
    }
    const figures: number[] = []
    for (let i = 0; i < REPEATS; i++) {
      const key = `key-${i}`
      await one.call('read', key)
      const { began } = (await other.call('read', key)) as { readonly began: number }
      const seeing = other.call('watch', key, began)
      await sleep(5)
      const { called } = (await one.call('invalidate', key)) as { readonly called: number }
      const late = sleep(PATIENCE, Number.POSITIVE_INFINITY, { ref: false })
      const seen = Number(await Promise.race([seeing, late]))
      figures.push(seen - called)
      // a process that looks for what will never come is of no more use
      if (seen === Number.POSITIVE_INFINITY) break
    }
    return figures
  } finally {
    await Promise.all([one.kill(), other.kill()])
  }
}

/** How long an old copy lives in another process. */
export const propagationPart: Part = async () => {
  const server = await startRedis()
  const rows: (readonly string[])[] = []
  for (const peer of LIBRARIES.filter((one) => offers(one, ['both', 'bus', 'invalidate']))) {
    const figures = await delays(peer, server.url)
    const [middle, most] = [median(figures), Math.max(...figures)].map((figure) =>
      Number.isFinite(figure) ? duration(figure * 1e6) : 'not within 5 s',
    ) as [string, string]
    rows.push([peer.name, middle, most])
  }
  await server.stop()
  return { text: tableText({ head: ['', 'median', 'longest of 30'], rows }) }
}
