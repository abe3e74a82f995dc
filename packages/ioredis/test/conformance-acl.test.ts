import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import { systemClock } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { startRedis } from '@shelflife/test-servers'
import { afterAll } from 'vitest'

/** All that a user of Redis has to be allowed. */
const ALLOWED = {
  keys: '~shelflife:* ~{shelflife}:*',
  channels: '&{shelflife}:bus',
  connection: '+hello +info +ping +subscribe +publish',
  commands: '+get +getrange +mget +hmget +unlink +eval +evalsha',
  scripts: '+set +setrange +hset +hget +hdel +hincrby +pttl +pexpire +persist +time',
}
const server = await startRedis({
  acl: ['default off', `app on >secret resetkeys resetchannels -@all ${Object.values(ALLOWED).join(' ')}`],
})
afterAll(() => server.stop())

describeStore('ioredis as a user with few rights', {
  connect: async () => ioredisStore(server.url.replace('//', '//app:secret@')),
  time: { clock: systemClock, advance: sleep, accuracy: 50 },
})
