import { startRedis } from '@shelflife/test-servers'
import { createClient } from 'redis'
import { expect, onTestFinished, test } from 'vitest'

import { toRedisClient } from '../src/node-redis-store.ts'

test('a given client of one server stays with a demoted master, and a client of our own does not', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const given = createClient({ url: server.url })
  const [translated, own] = [toRedisClient(given), toRedisClient(server.url)]
  expect(translated.advice).toMatchObject([{ about: 'client-settings', problem: expect.stringContaining('replica') }])
  expect(own.advice ?? []).toEqual([])
  await own.close()
})
