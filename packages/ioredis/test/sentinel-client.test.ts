import { startSentinel } from '@shelflife/test-servers'
import { afterAll, expect, test, vi } from 'vitest'

import { toRedisClient } from '../src/ioredis-store.ts'

const WAIT = { timeout: 15_000, interval: 20 }
const sentinel = await startSentinel()
afterAll(() => sentinel.stop())

test.each(['graceful', 'pause'] as const)(
  'commands and subscriptions work after a failover (%s)',
  { timeout: 60_000 },
  async (how) => {
    const client = toRedisClient({ sentinels: [...sentinel.sentinels], name: sentinel.name })
    const heard: string[] = []
    const subscribed = client.subscribe!({ channel: 'news', sharded: false, message: (payload) => heard.push(payload) })
    async function works(word: string): Promise<void> {
      await vi.waitFor(async () => {
        await client.send(['SET', 'word', word], 'word')
        const master = await sentinel.master()
        expect(await master.command('GET', 'word')).toBe(word)
        await master.command('PUBLISH', 'news', word)
        expect(heard).toContain(word)
      }, WAIT)
    }
    await client.send(['PING'], '')
    await works('before')
    const before = await sentinel.master()
    await sentinel.failover(how)
    await works('after')
    if (how === 'pause') before.resume()
    await subscribed.close()
    await client.close()
  },
)
