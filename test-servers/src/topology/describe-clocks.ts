import { setTimeout as sleep } from 'node:timers/promises'

import type { ExpectStatic } from 'vitest'
import { test } from 'vitest'

import { range } from '../busy/crowd.ts'
import type { RedisCluster } from '../start-cluster.ts'
import { startCluster } from '../start-cluster.ts'
import { parties, play } from './scene.ts'
import { slotMap, TAGS } from '../slot-map.ts'
import type { TopologyClients } from './topology-clients.ts'

const [TENTHS, SECONDS, HOUR] = [900, 5000, 3_600_000]
/** By how much the clock of one node is off, and whether it is the one with the tags. */
const OFF = [TENTHS, SECONDS, HOUR].flatMap((by) =>
  [by, -by].flatMap((offset) => [true, false].map((hasTags) => ({ offset, hasTags }))),
)

const LASTS = 1800
const TTL = 1000
/** For the load, and for a machine that is busy with others. */
const SLACK = 400
const BRIEF = range(12)
const READ_EVERY = 30

async function setOff(cluster: RedisCluster, { offset, hasTags }: (typeof OFF)[number]): Promise<void> {
  const ownerOf = await slotMap(cluster)
  const node = cluster.nodes.find((one) => (one === ownerOf(TAGS)) === hasTags)
  for (const one of cluster.nodes) await one.setClock(one === node ? offset : 0)
}

interface Value {
  readonly loadedAt: number
}

export function describeClocks(clients: TopologyClients): void {
  test.runIf(process.platform === 'linux')(
    'the clock of one node is off: what it has is neither loaded anew nor served for longer',
    { concurrent: true },
    async ({ expect }) => {
      const cluster = await startCluster({ hasOwnClock: true })
      try {
        for (const off of OFF) await hold(clients, { cluster, off, expect })
      } finally {
        await cluster.stop()
      }
    },
  )
}

interface Input {
  readonly cluster: RedisCluster
  readonly off: (typeof OFF)[number]
  readonly expect: ExpectStatic
}

/** Reads what lives long and what lives for a second, until the latter has been loaded anew. */
async function hold(clients: TopologyClients, { cluster, off, expect }: Input): Promise<void> {
  await setOff(cluster, off)
  const where = `${off.offset} ms${off.hasTags ? ', of the tags' : ''}`
  await play({ clients, open: (kind) => kind.cluster(cluster.rootNodes) }, async (scene) => {
    const stop = scene.readAll()
    const end = performance.now() + LASTS
    await scene.each(async ({ title, here, there }) => {
      const ages = [here, there].map(async ({ cache }) => {
        const load = async (_id: number): Promise<Value> => ({ loadedAt: performance.now() })
        const brief = cache.cached(load, {
          name: 'brief',
          ttl: TTL,
          jitter: 0,
          staleWhileRevalidate: 0,
          staleIfError: 0,
        })
        let oldest = 0
        while (performance.now() < end) {
          for (const id of BRIEF) {
            const at = performance.now()
            oldest = Math.max(oldest, at - (await brief(id)).loadedAt)
          }
          await sleep(READ_EVERY)
        }
        return oldest
      })
      expect.soft(Math.max(...(await Promise.all(ages))), `${where}, ${title}: oldest`).toBeLessThan(TTL + SLACK)
    })
    await stop()
    await scene.each(async (pair) => {
      const loads = parties(pair).map((party) => party.loadsOf(pair.ids))
      expect.soft(loads, `${where}, ${pair.title}: loads of what lives for an hour`).toEqual([0, 0])
    })
  })
}
