import type { IoredisConnection } from './ioredis-connection.ts'

const held = new WeakSet<IoredisConnection>()

/**
 * A Cluster follows ASK with an `ASKING` whose promise it leaves to nobody: refused or cut off, it would end the process
 * (ioredis 6.0.0). Who calls it for himself hears of it as before. It stays when a store is closed, as another one may
 * have the same client.
 */
export function holdAsking(node: IoredisConnection): void {
  if (held.has(node)) return
  held.add(node)
  const { asking } = node
  node.asking = (...args) => {
    const sent = asking.apply(node, args)
    sent.catch(() => {})
    return sent
  }
}
