import type { Advice } from '@shelflife/core'
import type { RedisClient } from './redis-client.ts'

const decoder = new TextDecoder()
const asText = (reply: unknown): string => (reply instanceof Uint8Array ? decoder.decode(reply) : String(reply))

/** A server may refuse to tell; then there is nothing to say. */
async function info(client: RedisClient, section: string, routing: string): Promise<ReadonlyMap<string, string>> {
  const text = asText(await client.send(['INFO', section], routing).catch(() => ''))
  const lines = text.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1)]
  })
  return new Map(lines)
}

interface ServerFacts {
  readonly memory: ReadonlyMap<string, string>
  readonly role: string | undefined
  /** Whether the client takes a node of a Cluster for a whole server. */
  readonly isOneOfMany: boolean
}

function* aboutServer({ memory, role, isOneOfMany }: ServerFacts): Generator<Advice> {
  const policy = memory.get('maxmemory_policy')
  const limit = Number(memory.get('maxmemory') ?? 0)
  if (role === 'slave') {
    yield { about: 'replica', problem: 'this Redis is a replica: nothing can be stored or invalidated there' }
  }
  if (isOneOfMany) {
    const problem =
      'this Redis is a node of a Cluster, which refuses what is on other nodes: give the store the Cluster instead'
    yield { about: 'cluster', problem }
  }
  if (limit > 0 && policy === 'noeviction') {
    const problem = 'maxmemory-policy is noeviction: when memory is full nothing is stored until entries expire'
    yield { about: 'eviction', problem }
  }
  if (limit > 0 && policy !== undefined && /random|ttl/.test(policy)) {
    const problem = `maxmemory-policy is ${policy}, which drops leases and ids of tags that are in use; allkeys-lru keeps them`
    yield { about: 'eviction', problem }
  }
}

/** What about the server and the client will hurt one day. */
export async function adviceOn(client: RedisClient, routing: string): Promise<readonly Advice[]> {
  // together, before a replica refuses something else and the client leaves it
  const [memory, replication, cluster] = await Promise.all([
    info(client, 'memory', routing),
    info(client, 'replication', routing),
    info(client, 'cluster', routing),
  ])
  const isOneOfMany = !client.cluster && cluster.get('cluster_enabled') === '1'
  return [...(client.advice ?? []), ...aboutServer({ memory, role: replication.get('role'), isOneOfMany })]
}
