import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'vitest'

import { range } from '../busy/crowd.ts'
import { onServers } from './on-servers.ts'
import { DRIFT, judge, play, SOON } from './scene.ts'
import type { SharedClient, TopologyClients } from './topology-clients.ts'

interface State {
  readonly title: string
  enter(client: SharedClient): Promise<unknown>
  leave(client: SharedClient): Promise<unknown>
  /** For how long it is there before anything is invalidated, in milliseconds. */
  readonly stays: number
  /** What errors of the store say meanwhile. */
  readonly says: RegExp
}

/** Several heartbeats. */
const LONG = 1500

const STATES: readonly State[] = [
  {
    title: 'between MULTI and DISCARD',
    enter: (client) => client.multi(),
    leave: (client) => client.discard(),
    stays: 0,
    says: /in a transaction of the application \(MULTI\)/,
  },
  ...[0, LONG].map((stays) => ({
    title: `in another database for ${stays} ms`,
    enter: (client: SharedClient) => client.select(1),
    leave: (client: SharedClient) => client.select(0),
    stays,
    says: /another database/,
  })),
]

const INVALIDATED = range(10)
const A_SECOND = 1000

export function describeSharedClient(clients: TopologyClients): void {
  test.concurrent.for(STATES)(
    'an invalidation by a client that an application has $title is not `done` unless it is',
    async ({ enter, leave, stays, says }, { expect }) => {
      await onServers([{}], async ([server]) => {
        if (server === undefined) throw new Error('there is no server')
        const shared: SharedClient[] = []
        const [kind] = Object.entries(clients.kinds).filter(([, { isOwn }]) => isOwn)
        const setup = {
          clients: { ...clients, kinds: Object.fromEntries(kind ? [kind] : []) },
          async open() {
            const made = await clients.shared(server.url)
            shared.push(made)
            return made
          },
          openThere: ({ one }: TopologyClients['kinds'][string]) => one(server.url),
        }
        await play(setup, async (scene) => {
          await Promise.all(shared.map(enter))
          await sleep(stays)
          await scene.each(async ({ here, there, ids, ledger }) => {
            const half = INVALIDATED.length / 2
            await Promise.all([
              ...INVALIDATED.slice(0, half).map((id) => here.invalidate(id)),
              here.invalidateTags(INVALIDATED.slice(half)),
            ])
            await sleep(DRIFT)
            expect.soft(here.trouble()).toMatch(says)
            await Promise.all(ids.map(there.read))
            ledger.forgive()
          })
          await Promise.all(shared.map(leave))
          // what was told `done` has to be, by now
          await sleep(A_SECOND)
          await scene.each(async ({ here, there, ids, ledger }) => {
            ledger.hold()
            await sleep(1)
            await Promise.all([here, there].flatMap((party) => ids.map(party.read)))
          })
          await sleep(SOON - A_SECOND)
          // what is read by such a client may be loaded
          await judge(scene, { expect })
        })
      })
    },
  )
}
