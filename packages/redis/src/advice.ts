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

function* aboutServer(memory: ReadonlyMap<string, string>, role: string | undefined): Generator<Advice> {
  const policy = memory.get('maxmemory_policy')
  const limit = Number(memory.get('maxmemory') ?? 0)
  if (role === 'slave') {
    yield { about: 'replica', problem: 'this Redis is a replica: nothing can be stored or invalidated there' }
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
  const [memory, replication] = await Promise.all([
    info(client, 'memory', routing),
    info(client, 'replication', routing),
  ])
  return [...(client.advice ?? []), ...aboutServer(memory, replication.get('role'))]
}
