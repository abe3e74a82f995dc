import type { UpstashFront } from '@shelflife/conformance/upstash'
import { upstashFront } from '@shelflife/conformance/upstash'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Outcome } from '../src/behaviour.ts'
import { BEHAVIOURS } from '../src/run-behaviours.ts'
import { PATIENCE, RUNTIMES } from './programs.ts'

let server: RedisServer
let front: UpstashFront
beforeAll(async () => {
  server = await startRedis()
  front = await upstashFront({ redis: server.url })
})
afterAll(async () => {
  await front.stop()
  await server.stop()
})

describe.each(RUNTIMES)('in $name', ({ run }) => {
  let outcomes: readonly Outcome[]
  beforeAll(async () => {
    outcomes = await run({ url: front.url, token: front.token })
  }, PATIENCE)

  test.each(BEHAVIOURS)('$title', ({ title }) => {
    expect(outcomes.find((one) => one.title === title)).toEqual({ title })
  })
})
