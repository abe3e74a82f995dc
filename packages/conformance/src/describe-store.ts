import { afterEach, describe, expect } from 'vitest'

import { describeBus } from './describe-bus.ts'
import { describeCommit } from './describe-commit.ts'
import { describeConfirmation } from './describe-confirmation.ts'
import { describeForgottenWrites } from './describe-forgotten-writes.ts'
import { describeGrowth } from './describe-growth.ts'
import { describeInvalidation } from './describe-invalidation.ts'
import { describeLasting } from './describe-lasting.ts'
import { describeLeases } from './describe-leases.ts'
import { describeMarks } from './describe-marks.ts'
import { describeOpen } from './describe-open.ts'
import { describeProcesses } from './describe-processes.ts'
import { describePut } from './describe-put.ts'
import { describeRecords } from './describe-records.ts'
import { describeRelease } from './describe-release.ts'
import { describeSettled } from './describe-settled.ts'
import { describeTagInvalidation } from './describe-tag-invalidation.ts'
import { describeTags } from './describe-tags.ts'
import { describeTouch } from './describe-touch.ts'
import { fill, textOf } from './store-actions.ts'
import type { StoreSuite, StoreSuiteOptions } from './store-suite.ts'
import { createStoreSuite } from './store-suite.ts'

/**
 * A vitest suite of everything a cache relies on in a remote store, one guarantee a test. What the store declares not
 * to have (`leases: false`, no `bus`) is skipped and shown as skipped; nothing else is.
 *
 * Keys and tags are new in every run, so the server need not be empty and may be in use. With a real server the suite
 * waits half a minute or so in all.
 *
 * @example
 * const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
 * describeStore('ioredis', {
 *   connect: async () => ioredisStore(url),
 *   time: { clock: systemClock, advance: sleep, accuracy: 50 },
 *   loseBus: () => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
 * })
 */
export function describeStore(name: string, options: StoreSuiteOptions): void {
  describe(name, () => {
    const suite = createStoreSuite(options)
    afterEach(suite.finish)
    describeDeclarations(suite)
    describeRecords(suite)
    describeTouch(suite)
    describeOpen(suite)
    describeLeases(suite)
    describeRelease(suite)
    describeSettled(suite)
    describeCommit(suite)
    describePut(suite)
    describeInvalidation(suite)
    describeTags(suite)
    describeTagInvalidation(suite)
    describeMarks(suite)
    describeBus(suite)
    describeConfirmation(suite)
    describeForgottenWrites(suite)
    describeProcesses(suite)
    describeLasting(suite)
    describeGrowth(suite)
  })
}

function describeDeclarations({ connect, name, test }: StoreSuite): void {
  describe('the store', () => {
    test('says what it is', async (store) => {
      expect(store.kind).toBe('remote')
      expect(store.label).toMatch(/\S/)
      expect(typeof store.protocol).toBe('function')
      expect(typeof store.leases).toBe('boolean')
    })

    test('gives each command a budget that ends', async ({ budget }) => {
      for (const ms of [budget?.read ?? 100, budget?.write ?? 500]) {
        expect(ms).toBeGreaterThan(0)
        expect(ms).toBeLessThan(60_000)
      }
    })

    test('keeps what it was given when a process closes it, also twice', async (store) => {
      const key = name()
      const leaving = await connect()
      await fill(leaving, key)
      await leaving.close()
      await leaving.close()
      expect(await textOf(store, key)).toBe('old')
    })
  })
}
