import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import { systemClock } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { startRedis } from '@shelflife/test-servers'
import { afterAll } from 'vitest'

/** All that a user of Redis has to be allowed, from the page that tells. */
function documented(): string {
  const page = readFileSync(new URL('../../redis/README.md', import.meta.url), 'utf8')
  const rules = /## What to grant\n+```\n(.*?)```/s.exec(page)?.[1]
  if (rules === undefined) throw new Error('the README of @shelflife/redis does not say what to grant')
  return rules.replaceAll('\n', ' ').trim()
}

const server = await startRedis({
  tls: true,
  acl: ['default off', `app on >secret ${documented()}`],
})
afterAll(() => server.stop())

const tls = { ca: String(server.ca) }

describeStore('ioredis with TLS, as a user with few rights', {
  connect: async () => ioredisStore({ host: server.host, port: server.port, tls, username: 'app', password: 'secret' }),
  time: { clock: systemClock, advance: sleep, accuracy: 50 },
  loseBus: 'the way to the server cannot be cut here',
})
