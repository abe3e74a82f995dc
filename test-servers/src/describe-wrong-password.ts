import { inspect } from 'node:util'

import type { RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { RedisServer } from './start-redis.ts'
import { startRedis } from './start-redis.ts'

const PASSWORD = 'hunter2'

/** How a server is reached with a password that it does not take, or not any more. */
export interface WrongPassword {
  readonly host: string
  readonly port: number
  readonly password: string
}

/** Whoever hears of a wrong password does not hear the password. */
export function describeWrongPassword(ways: Readonly<Record<string, (wrong: WrongPassword) => RemoteStore>>): void {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis({ acl: ['default on >another ~* &* +@all', 'app on >another ~* &* +@all'] })
  })
  afterAll(() => server.stop())

  describe('a password that the server does not take', () => {
    test.each(Object.entries(ways))('is in no event, health or log: %s', async (_, make) => {
      const seen: unknown[] = []
      const log = (...said: readonly unknown[]): void => void seen.push(said)
      const { host, port } = server
      const store = make({ host, port, password: PASSWORD })
      const cache = createCache({ namespace: 'secrets', store, logger: { warn: log, error: log } })
      onTestFinished(() => cache.close())
      cache.on('storeError', log)
      await vi.waitFor(async () => {
        await cache.get('x')
        expect(cache.health().stores[0]?.lastError?.message).toMatch(/WRONGPASS|NOAUTH/)
      })
      const all = [seen, cache.health()]
      // loggers write what inspect leaves out
      const fields = JSON.stringify(all, (__, value: unknown) =>
        value instanceof Error ? Object.fromEntries(Object.entries(value)) : value,
      )
      expect(inspect(all, { depth: 10, showHidden: true }) + fields).not.toContain(PASSWORD)
    })
  })
}
