import { numberOf } from './replies.ts'
import type { Server } from './server.ts'

/**
 * Makes what waits until so many replicas of the nodes of some names have what was written to these nodes before, and rejects
 * where they do not within `ms` milliseconds. The connection carries out nothing else meanwhile.
 */
export function waitingFor(
  { send, addressOf }: Pick<Server, 'send' | 'addressOf'>,
  replicas: number,
  ms: number,
): (names: readonly string[]) => Promise<void> {
  async function wait(name: string): Promise<void> {
    const have = numberOf(await send(['WAIT', String(replicas), String(Math.ceil(ms))], name), 'wait')
    if (have < replicas) throw new Error(`only ${have} of ${replicas} replicas have it within ${Math.ceil(ms)} ms`)
  }

  return async (names) => {
    if (replicas === 0) return
    const byNode = new Map(names.map((name) => [addressOf(name), name]))
    await Promise.all([...byNode.values()].map(wait))
  }
}
