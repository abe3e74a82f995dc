import { setTimeout as sleep } from 'node:timers/promises'

import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { upstashStore } from '@shelflife/upstash'
import { expect, onTestFinished, test } from 'vitest'

import { startFront } from './front.ts'

const { server, front } = await startFront()
/** Milliseconds; more than the store is given for a read. */
const LATE = 700
const DRIFT = 1000
const IDS = Array.from({ length: 10 }, (_, id) => id)

test('slow answers to one call are no reason to serve a copy beyond maxDrift', async () => {
  let source = 'old'
  const here = createCache({ namespace: 'slow', store: [memoryStore(), upstashStore(front)], maxDrift: DRIFT })
  const there = createCache({ namespace: 'slow', store: ioredisStore(server.url) })
  onTestFinished(async () => void (await Promise.all([here.close(), there.close()])))
  const load = async (_id: number): Promise<string> => source
  const options = { name: 'value', ttl: '1h', staleWhileRevalidate: 0, staleIfError: 0 } as const
  const [get, other] = [here.cached(load, options), there.cached(load, options)]
  expect(await Promise.all(IDS.map((id) => get(id)))).toEqual(IDS.map(() => 'old'))
  source = 'new'
  for (const id of IDS) expect(await other.invalidate(id)).toMatchObject({ remote: 'done' })
  await sleep(3 * DRIFT)
  // the request before it is answered at once
  await get(IDS.length)
  front.inject = () => ({ delay: LATE })
  expect(await Promise.all(IDS.map((id) => get(id)))).toEqual(IDS.map(() => 'new'))
})
