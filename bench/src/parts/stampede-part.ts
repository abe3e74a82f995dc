import { startRedis } from '@shelflife/test-servers'
import { setTimeout as sleep } from 'node:timers/promises'

import type { BenchOptions } from '../children/bench-child.ts'
import type { Child } from '../children/start-child.ts'
import { startChild } from '../children/start-child.ts'
import { median } from '../measure/median.ts'
import type { Peer } from '../peers/peer.ts'
import { offers } from '../peers/peer.ts'
import { LIBRARIES } from '../peers/peers.ts'
import { digits, duration } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import type { Part } from './part.ts'
import { BENCH_CHILD } from './side-by-side.ts'

const CALLERS = 200
/** Milliseconds. */
const LOAD = 50
const LIFETIME = 1000
const PROCESSES = 4
const REPEATS = 3

interface Crowd {
  readonly loads: number
  /** Milliseconds that the slowest caller waited. */
  readonly time: number
}

async function open(options: Omit<BenchOptions, 'maxEntries'>): Promise<Child> {
  const child = await startChild(BENCH_CHILD)
  await child.call('open', { maxEntries: 1000, delay: LOAD, ...options })
  return child
}

const crowdOf = async (child: Child, key: string, callers: number): Promise<Crowd> =>
  (await child.call('crowd', key, callers)) as Crowd

/** The median of the waits, and the most loads that there were. */
const summed = (crowds: readonly Crowd[]): Crowd => ({
  loads: Math.max(...crowds.map(({ loads }) => loads)),
  time: median(crowds.map(({ time }) => time)),
})

/** All callers at once, in so many processes, for a key that nobody has. */
async function cold(peer: Peer, processes: number, url: string): Promise<Crowd> {
  const layout = processes === 1 ? 'local' : offers(peer, ['both']) ? 'both' : 'remote'
  const children: Child[] = []
  for (let i = 0; i < processes; i++) children.push(await open({ peer: peer.name, layout, url, ttl: 60_000 }))
  // nobody has to connect, or compile, while it is measured
  for (const child of children) await child.call('read', `warm-${children.indexOf(child)}`)
  const crowds: Crowd[] = []
  for (let i = 0; i < REPEATS; i++) {
    const each = await Promise.all(children.map((child) => crowdOf(child, `cold-${i}`, CALLERS / processes)))
    crowds.push({
      loads: each.reduce((sum, { loads }) => sum + loads, 0),
      time: Math.max(...each.map(({ time }) => time)),
    })
  }
  for (const child of children) await child.kill()
  return summed(crowds)
}

/** All callers at once, when what was there has just expired. */
async function expired(peer: Peer): Promise<Crowd> {
  const stale = offers(peer, ['stale']) ? { stale: 60_000 } : {}
  const child = await open({ peer: peer.name, layout: 'local', url: '', ttl: LIFETIME, ...stale })
  const keys = Array.from({ length: REPEATS }, (_, i) => `key-${i}`)
  await Promise.all(keys.map((key) => child.call('read', key)))
  await sleep(1.5 * LIFETIME)
  const crowds: Crowd[] = []
  for (const key of keys) {
    const before = Number(await child.call('loads'))
    const { time } = await crowdOf(child, key, CALLERS)
    // loads in the background may begin after everyone was answered
    await sleep(2 * LOAD)
    crowds.push({ loads: Number(await child.call('loads')) - before, time })
  }
  await child.kill()
  return summed(crowds)
}

const cells = (crowd: Crowd | undefined): readonly string[] =>
  crowd === undefined ? ['n/a', ''] : [digits(crowd.loads), duration(crowd.time * 1e6)]

/** Loads that take 50 ms, and 200 callers who all want the same. */
export const stampedePart: Part = async () => {
  const server = await startRedis()
  const rows: (readonly string[])[] = []
  const bars: { name: string; value: number }[] = []
  for (const peer of LIBRARIES) {
    const one = offers(peer, ['local']) ? await cold(peer, 1, '') : undefined
    const several = offers(peer, ['remote']) ? await cold(peer, PROCESSES, server.url) : undefined
    const later = offers(peer, ['local']) ? await expired(peer) : undefined
    rows.push([peer.name, ...cells(one), ...cells(several), ...cells(later)])
    if (several !== undefined) bars.push({ name: peer.name, value: several.loads })
    await server.command('FLUSHALL')
  }
  await server.stop()
  const head = [
    '',
    'cold: loads',
    'slowest caller',
    'in 4 processes: loads',
    'slowest caller',
    'expired: loads',
    'slowest caller',
  ]
  return {
    text: tableText({ head, rows }),
    panels: [{ title: 'loads for 200 callers in 4 processes', bars }],
  }
}
