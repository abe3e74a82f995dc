import { setTimeout as sleep } from 'node:timers/promises'

import type { FaultProxy } from '@shelflife/conformance/faults'
import { faultProxy } from '@shelflife/conformance/faults'
import type { ExpectStatic } from 'vitest'
import { test } from 'vitest'

import { range } from '../busy/crowd.ts'
import { isFollowing } from '../is-following.ts'
import type { RedisServer } from '../start-redis.ts'
import { until } from '../until.ts'
import { onServers } from './on-servers.ts'
import type { Scene } from './scene.ts'
import { DRIFT, judge, parties, play, SOON } from './scene.ts'
import type { TopologyClients } from './topology-clients.ts'

/** Two servers, and an address of the first one for each of two processes. */
interface Two {
  readonly first: RedisServer
  readonly second: RedisServer
  readonly here: FaultProxy
  readonly there: FaultProxy
}

/** Of copies while nobody is there who takes writes. */
const PARTITION = 1500
const INVALIDATED = range(12)
/** For a client of the user to connect again, after the pauses that it makes by default. */
const ARRIVED = 3 * SOON
/** For what is sent again to arrive: a second, and what a busy machine may add. */
const NOTICED = 2000

async function onTwo(
  clients: TopologyClients,
  { areReplicas }: { readonly areReplicas: boolean },
  run: (scene: Scene, two: Two) => Promise<void>,
): Promise<void> {
  const config = ['repl-diskless-sync-delay 0']
  await onServers([{ config }, { config }], async ([first, second]) => {
    if (first === undefined || second === undefined) throw new Error('there are no servers')
    if (areReplicas) await second.command('REPLICAOF', first.host, first.port)
    if (areReplicas) await until('the replica follows', () => isFollowing(second))
    const [here, there] = [await faultProxy(first), await faultProxy(first)]
    const setup = {
      clients,
      open: ({ one }: Kind) => one(here.url),
      openThere: ({ one }: Kind) => one(there.url),
      // of what a server says that others have replaced a process may believe the last word
      ...(areReplicas && { options: { partitionTtl: PARTITION }, localDrift: PARTITION + DRIFT, remoteDrift: DRIFT }),
    }
    try {
      await play(setup, (scene) => run(scene, { first, second, here, there }))
    } finally {
      await Promise.all([here.stop(), there.stop()])
    }
  })
}

type Kind = TopologyClients['kinds'][string]

function lead(address: FaultProxy, to: RedisServer): void {
  address.target = to
  address.reset()
}

/** The other process is on the second server, which has become a master, and invalidates there. */
async function leaveFirst(scene: Scene, { second, there }: Two, expect: ExpectStatic): Promise<void> {
  await second.command('REPLICAOF', 'NO', 'ONE')
  lead(there, second)
  await scene.each(async ({ there: other, title }) => {
    await other.reached(ARRIVED)
    const outcomes = await Promise.all(INVALIDATED.map(other.invalidate))
    expect.soft(new Set(outcomes), `${title}: on the new master`).toEqual(new Set(['done']))
  })
}

export function describeAddresses(clients: TopologyClients): void {
  test.concurrent('a server that was emptied is told what comes after it', async ({ expect }) => {
    await onServers([{}], async ([server]) => {
      if (server === undefined) throw new Error('there is no server')
      await play({ clients, open: ({ one }) => one(server.url) }, async (scene) => {
        await server.command('FLUSHALL')
        await scene.each(async ({ title, here, there }) => {
          const told = [here, there].flatMap((party) => [
            ...INVALIDATED.map(party.invalidate),
            party.invalidateTags([0, 1]),
          ])
          expect.soft(new Set(await Promise.all(told)), title).toEqual(new Set(['done']))
        })
        await judge(scene, { expect })
      })
    })
  })

  test.concurrent.for([
    { title: 'follows the new one', isFollowed: true },
    { title: 'follows nobody', isFollowed: false },
  ])(
    'a demoted master behind an address that leads elsewhere is believed no longer, and left ($title)',
    async ({ isFollowed }, { expect }) => {
      await onTwo(clients, { areReplicas: true }, async (scene, two) => {
        const { first, second, here } = two
        const stop = scene.readAll()
        // its open connections stay
        here.target = second
        await second.command('REPLICAOF', 'NO', 'ONE')
        await first.command('REPLICAOF', '127.0.0.1', isFollowed ? second.port : 1)
        await leaveFirst(scene, two, expect)
        await sleep(PARTITION + 2 * DRIFT)
        // a client of the user keeps its connection
        await judge(scene, { expect, isDue: ({ kind }) => kind.isOwn })
        await scene.each(async ({ kind, title, here: process }) => {
          if (kind.isOwn) expect.soft(await process.invalidate(20), title).toBe('done')
        })
        await stop()
      })
    },
  )

  test.concurrent('a master that others have replaced and that takes no writes confirms nothing', async ({
    expect,
  }) => {
    await onTwo(clients, { areReplicas: true }, async (scene, two) => {
      const stop = scene.readAll()
      await two.first.command('CONFIG', 'SET', 'min-replicas-to-write', 1)
      await two.first.command('CONFIG', 'SET', 'min-replicas-max-lag', 2)
      await leaveFirst(scene, two, expect)
      await sleep(PARTITION + 2 * DRIFT)
      await scene.each(async ({ title, here }) => {
        expect.soft(await here.invalidate(20), `${title}: on the isolated one`).toBe('queued')
      })
      lead(two.here, two.second)
      await judge(scene, { expect })
      await stop()
    })
  })

  // the bound that docs/faults.md states
  test.concurrent('a master that others have replaced and that takes writes is believed until it is left', async ({
    expect,
  }) => {
    await onTwo(clients, { areReplicas: true }, async (scene, two) => {
      const stop = scene.readAll()
      await leaveFirst(scene, two, expect)
      for (const { ledger } of scene.pairs) ledger.forgive()
      await scene.each(async ({ here, title }) => expect.soft(await here.invalidate(20), title).toBe('done'))
      for (const { ledger } of scene.pairs) ledger.forgive()
      await sleep(DRIFT)
      lead(two.here, two.second)
      await scene.each(async ({ ledger, here }) => {
        await here.reached(ARRIVED)
        await sleep(NOTICED)
        ledger.hold()
      })
      await judge(scene, { expect })
      await stop()
    })
  })

  test.concurrent('an address that leads to an empty server and back brings nothing back', async ({ expect }) => {
    await onTwo(clients, { areReplicas: false }, async (scene, { first, second, here, there }) => {
      const stop = scene.readAll()
      for (const address of [here, there]) lead(address, second)
      await scene.each(async (pair) => {
        await Promise.all(parties(pair).map((party) => party.reached(ARRIVED)))
        const outcomes = await Promise.all(INVALIDATED.map(pair.here.invalidate))
        expect.soft(new Set(outcomes), `${pair.title}: on the other server`).toEqual(new Set(['done']))
      })
      await sleep(DRIFT)
      for (const { ledger } of scene.pairs) ledger.forgive()
      for (const address of [here, there]) lead(address, first)
      await scene.each(async (pair) => {
        await Promise.all(parties(pair).map((party) => party.reached(ARRIVED)))
        await sleep(NOTICED)
        pair.ledger.hold()
      })
      await judge(scene, { expect })
      await stop()
    })
  })
}
