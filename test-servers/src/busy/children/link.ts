import { faultProxy } from '@shelflife/conformance/faults'

import { REST_TOKEN } from '../busy-stores.ts'
import type { LinkSetup } from '../start-link.ts'

/** A proxy that delays everything, in front of Redis or of its REST front; ends with its parent. */
const { redis, roundTrip, isRest } = JSON.parse(process.argv[2] ?? '') as LinkSetup
process.once('disconnect', () => process.exit())

async function startFront(): Promise<{ host: string; port: number }> {
  const { upstashFront } = await import('@shelflife/conformance/upstash')
  const front = await upstashFront({ redis: `redis://${redis.host}:${redis.port}`, token: REST_TOKEN })
  const { hostname, port } = new URL(front.url)
  return { host: hostname, port: Number(port) }
}

const proxy = await faultProxy(isRest ? await startFront() : redis)
proxy.delay = roundTrip / 2
process.on('message', (word) => {
  proxy.mode = word === 'cut' ? 'refuse' : 'pass'
  if (word === 'cut') proxy.reset()
  process.send?.(word)
})
process.send?.(isRest ? `http://${proxy.host}:${proxy.port}` : proxy.url)
