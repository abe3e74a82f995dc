import { setTimeout as sleep } from 'node:timers/promises'

import { toRedisClient } from '../../src/ioredis-store.ts'

/** Opens clients, each with a subscription, closes all after a moment, and must then end by itself. */
const [target = '', pause = '0', count = '1'] = process.argv.slice(2)
const clients = Array.from({ length: Number(count) }, () => toRedisClient(JSON.parse(target)))
const subscribed = clients.map((client) =>
  client.subscribe?.({ channel: 'news', sharded: client.cluster, message: () => {} }),
)
const replies = clients.map((client) =>
  client.send(['PING'], 'key').then(
    () => 'answered',
    () => 'failed',
  ),
)
await sleep(Number(pause))
for (const subscription of subscribed) await subscription?.close()
for (const client of clients) {
  await client.close()
  await client.close()
}
process.stdout.write([...new Set(await Promise.all(replies))].join())
