import { setTimeout as sleep } from 'node:timers/promises'

import { describeStore } from '@shelflife/conformance'
import { systemClock } from '@shelflife/core'
import { upstashStore } from '@shelflife/upstash'
import { describe } from 'vitest'

import { startFront } from './front.ts'

const time = { clock: systemClock, advance: sleep, accuracy: 50 }
const { store } = await startFront()

describeStore('upstash', { connect: async () => store(), time })

const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = process.env

/** The same against the service itself, where there is a database to do it on. */
describe.skipIf(!url || !token)('on a database of Upstash', { timeout: 60_000 }, () => {
  describeStore('upstash', {
    connect: async () =>
      upstashStore({ url: String(url), token: String(token) }, { budget: { read: '10s', write: '10s' } }),
    // an answer takes as long as the way to the region of the database
    time: { ...time, accuracy: 200 },
  })
})
