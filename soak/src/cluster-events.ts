import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisCluster, RedisServer } from '@shelflife/test-servers'
import { failOver, moveSlot, TAGS, takesOver } from '@shelflife/test-servers'
import type { Random } from './random.ts'

/** A master and what follows it, as it is now. */
export interface Shard {
  readonly master: RedisServer
  readonly replica: RedisServer
}

/** What happens to a shard, or to all of them. */
export interface ClusterEvent {
  /** What may be gone with it: nothing; answers, so that what the shard has may be loaded; writes that it had answered. */
  readonly loss: 'nothing' | 'answers' | 'writes'
  happen(shard: Shard): Promise<unknown>
}

export interface ClusterEventsInput {
  readonly cluster: RedisCluster
  readonly random: Random
  /** Names in Redis, the slot of one of which is to move. */
  readonly names: readonly string[]
}

/** Milliseconds in which a replica falls behind. */
const LAG = 200

async function stop(server: RedisServer, ms: number): Promise<void> {
  server.pause()
  await sleep(ms)
  server.resume()
}

/** By what is counted. Each ends when nothing is being done any more; the Cluster may then still have to find together. */
export function clusterEvents({ cluster, random, names }: ClusterEventsInput): Readonly<Record<string, ClusterEvent>> {
  async function move(name: string): Promise<void> {
    const slot = await moveSlot(cluster, name)
    await sleep(random.between(0, 200))
    await slot.migrate()
    await sleep(random.between(0, 300))
    await slot.finish()
  }

  return {
    'slots moved': { loss: 'nothing', happen: () => move(names[random.whole(names.length)] ?? TAGS) },
    'slots of tags moved': { loss: 'nothing', happen: () => move(TAGS) },
    'replicas stopped': { loss: 'nothing', happen: ({ replica }) => stop(replica, random.between(300, 2000)) },
    'connections ended': {
      loss: 'answers',
      happen: ({ master }) => master.command('CLIENT', 'KILL', 'TYPE', 'normal'),
    },
    'masters stopped for a moment': { loss: 'answers', happen: ({ master }) => stop(master, random.between(100, 500)) },
    'orderly failovers': {
      loss: 'answers',
      happen: ({ replica }) => failOver(cluster, replica),
    },
    'masters stopped until another took over': {
      loss: 'writes',
      async happen({ master, replica }) {
        master.pause()
        await takesOver(replica)
        await sleep(random.between(0, 1000))
        master.resume()
      },
    },
    'masters killed': {
      loss: 'writes',
      async happen({ master, replica }) {
        await master.kill()
        await takesOver(replica)
        await master.restart()
      },
    },
    'masters killed with a replica behind': {
      loss: 'writes',
      async happen({ master, replica }) {
        replica.pause()
        await master.command('CLIENT', 'KILL', 'TYPE', 'replica')
        await sleep(LAG)
        await master.kill()
        replica.resume()
        await takesOver(replica)
        await master.restart()
      },
    },
  }
}
