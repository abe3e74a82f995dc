import { isFollowing } from './is-following.ts'
import type { RedisServer } from './start-redis.ts'
import { startRedis } from './start-redis.ts'
import { until } from './until.ts'

export interface RedisSentinel {
  /** Where the sentinels are, for a client. */
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** Of the master group. */
  readonly name: string
  /** The data servers: first the one that was master at the start, then its replica. */
  readonly nodes: readonly RedisServer[]
  readonly sentinelServers: readonly RedisServer[]
  master(): Promise<RedisServer>
  /**
   * Makes the replica the master, and waits until it is: orderly, by SIGKILL of the master, or by SIGSTOP.
   */
  failover(how?: 'graceful' | 'kill' | 'pause'): Promise<void>
  stop(): Promise<void>
}

const NAME = 'shelf'
const SENTINELS = 3

const startSentinelServer = ({ host, port }: RedisServer): Promise<RedisServer> =>
  startRedis({
    args: ['--sentinel'],
    config: [
      `sentinel monitor ${NAME} ${host} ${port} 2`,
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 3000`,
    ],
  })

/** Whether a sentinel knows the replica and the other sentinels. */
async function isComplete(sentinel: RedisServer): Promise<boolean> {
  const replicas = (await sentinel.command('SENTINEL', 'REPLICAS', NAME)) as string[][]
  const sentinels = (await sentinel.command('SENTINEL', 'SENTINELS', NAME)) as string[][]
  const isUp = (fields: string[]): boolean => fields.includes('slave') || fields.includes('sentinel')
  return replicas.filter(isUp).length === 1 && sentinels.filter(isUp).length === SENTINELS - 1
}

/**
 * Starts a master, a replica and three sentinels. Ready when each sentinel knows all of them.
 *
 * @example
 * const { sentinels, name, failover, stop } = await startSentinel()
 */
export async function startSentinel(): Promise<RedisSentinel> {
  const first = await startRedis({ config: ['repl-diskless-sync-delay 0'] })
  const config = ['repl-diskless-sync-delay 0', `replicaof ${first.host} ${first.port}`]
  const replica = await startRedis({ config })
  const nodes = [first, replica]
  const servers: RedisServer[] = []
  const stop = async (): Promise<void> => void (await Promise.all([...servers, ...nodes].map((node) => node.stop())))

  async function master(): Promise<RedisServer> {
    return until('the sentinels agree on a master', async () => {
      const answers = await Promise.all(servers.map((s) => s.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)))
      const ports = new Set(answers.map((answer) => Number((answer as string[])[1])))
      const found = nodes.find(({ port }) => ports.size === 1 && ports.has(port))
      const role = (await found?.command('ROLE')) as string[] | undefined
      return role?.[0] === 'master' ? found : undefined
    })
  }

  try {
    servers.push(...(await Promise.all(Array.from({ length: SENTINELS }, () => startSentinelServer(first)))))
    for (const server of servers) await until('a sentinel knows the others', () => isComplete(server))
    await until('the replica follows', () => isFollowing(replica))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    sentinels: servers.map(({ host, port }) => ({ host, port })),
    name: NAME,
    nodes,
    sentinelServers: servers,
    master,
    async failover(how = 'graceful') {
      const before = await master()
      if (how === 'kill') await before.kill()
      if (how === 'pause') before.pause()
      if (how === 'graceful') {
        await until('the failover begins', async () => {
          return (await servers[0]?.command('SENTINEL', 'FAILOVER', NAME)) === 'OK'
        })
      }
      await until('there is another master', async () => (await master()) !== before)
    },
    stop,
  }
}
