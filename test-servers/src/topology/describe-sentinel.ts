import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import { startSentinel } from '../start-sentinel.ts'
import { judge, parties, play, SOON } from './scene.ts'
import type { TopologyClients } from './topology-clients.ts'

/** For what is sent again to arrive: a second, and what a busy machine may add. */
const NOTICED = 2000
const WAYS = ['graceful', 'kill', 'pause'] as const

export function describeSentinel(clients: TopologyClients): void {
  if (!Object.values(clients.kinds).some(({ sentinel }) => sentinel)) return

  test.concurrent.for(WAYS)(
    'a failover of Sentinel (%s): who was told `done` reads nothing old, nor do others once it is told again',
    async (how, { expect }) => {
      const group = await startSentinel()
      const setup = {
        clients,
        isFor: ({ sentinel }: TopologyClients['kinds'][string]) => sentinel !== undefined,
        open: ({ sentinel }: TopologyClients['kinds'][string]) => {
          if (sentinel === undefined) throw new Error('it knows of no Sentinel')
          return sentinel(group.sentinels, group.name)
        },
      }
      try {
        await play(setup, async (scene) => {
          const before = await group.master()
          const stop = scene.readAll()
          await scene.each(async ({ title, here, there }) => {
            const outcomes = await Promise.all([here.invalidate(0), there.invalidateTags([1, 2])])
            expect.soft(outcomes, title).toEqual(['done', 'done'])
          })
          for (const { ledger } of scene.pairs) ledger.forgive()
          await group.failover(how)
          await scene.each(({ here, there }) => Promise.all([here.invalidate(3), there.invalidateTags([4])]))
          if (how === 'pause') before.resume()
          await scene.each(async (pair) => {
            const ill = await Promise.all(parties(pair).map((party) => party.ailment(SOON)))
            expect.soft(ill, `${pair.title}, after the failover`).toEqual([undefined, undefined])
            await sleep(NOTICED)
            pair.ledger.hold()
          })
          await judge(scene, { expect })
          await stop()
        })
      } finally {
        await group.stop()
      }
    },
  )
}
