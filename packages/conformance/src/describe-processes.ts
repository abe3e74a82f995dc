import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import type { TestContext } from 'vitest'
import { beforeAll, describe, expect, test } from 'vitest'

import type { RaceLog } from './race.ts'
import { fencesUsedTwice, leasesHadTwice, staleReads } from './race-verdict.ts'
import type { StoreSuite } from './store-suite.ts'

const PROCESSES = 4
/** Of each. What a driver does in several steps goes wrong once in some hundreds. */
const OPERATIONS = 2000
const KEYS = 3
/** Against hanging. */
const AT_MOST = 60_000

/** The next message, or an error when the process ends instead. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process that spawn has started ended with ${code} before it had answered`)
  })
  ended.catch(() => {})
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown]
  return message
}

/**
 * Part of `describeStore`: real processes on the same store. In one thread commands of a driver that blocks come one after
 * the other, however many steps they have.
 */
export function describeProcesses({ connect, name, spawn }: StoreSuite): void {
  describe('several processes at once', () => {
    let logs: readonly RaceLog[] = []

    beforeAll(async () => {
      if (spawn === undefined) return
      const children = Array.from({ length: PROCESSES }, spawn)
      try {
        await Promise.all(children.map(messageOf))
        const keys = Array.from({ length: KEYS }, () => name())
        const race = { keys, tag: name(), leased: name(), operations: OPERATIONS }
        logs = await Promise.all(
          children.map((child) => {
            child.send(race)
            return messageOf(child) as Promise<RaceLog>
          }),
        )
      } finally {
        for (const child of children) child.kill()
      }
    }, AT_MOST)

    function racing(title: string, check: (skip: TestContext['skip']) => Promise<void> | void): void {
      test(title, async ({ skip }) => {
        if (spawn === undefined) return skip('there is no way to connect in another process here')
        await check(skip)
      })
    }

    racing('no command fails', () => {
      expect(logs.flatMap(({ failures }) => failures)).toEqual([])
    })

    racing('no read gives what was invalidated before it began', () => {
      expect(logs.flatMap(({ reads }) => reads).length).toBeGreaterThan(OPERATIONS / 2)
      expect(staleReads(logs)).toEqual([])
    })

    racing('of all loads with one fence one is stored at most', () => {
      expect(logs.some(({ refused }) => refused > 0)).toBe(true)
      expect(fencesUsedTwice(logs)).toEqual([])
    })

    racing('nobody has a lease that another one has', async (skip) => {
      const { leases } = await connect()
      skip(!leases, 'the store declares no leases')
      expect(logs.flatMap((log) => log.leases).length).toBeGreaterThan(PROCESSES)
      expect(leasesHadTwice(logs)).toEqual([])
    })
  })
}
