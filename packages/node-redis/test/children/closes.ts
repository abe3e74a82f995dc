import { setTimeout as sleep } from 'node:timers/promises'

import { toRedisClient } from '../../src/node-redis-store.ts'

/** Opens a client and a subscription, closes both after a moment, and must then end by itself. */
const [target = '', pause = '0'] = process.argv.slice(2)
const client = toRedisClient(JSON.parse(target))
const subscribed = client.subscribe?.({ channel: 'news', sharded: client.cluster, message: () => {} })
const reply = client.send(['PING'], 'key').then(
  () => 'answered',
  () => 'failed',
)
await sleep(Number(pause))
await subscribed?.close()
await client.close()
await client.close()
process.stdout.write(await reply)
