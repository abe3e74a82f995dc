import type { IoredisConnection } from './ioredis-connection.ts'

/**
 * Tells of every connection of a `Redis` that has ended, before another one can answer. Gives what stops that.
 *
 * Who connects again at once may see the new connection before the end of the old one.
 */
export function countLosses(redis: IoredisConnection, lost: () => void): () => void {
  let open = redis.status === 'connect' || redis.status === 'ready' ? 1 : 0

  function connected(): void {
    if (open > 0) lost()
    open++
  }

  function closed(): void {
    // it was never there
    if (open === 0) return
    open--
    lost()
  }

  redis.on('connect', connected)
  redis.on('close', closed)
  return () => {
    redis.off('connect', connected)
    redis.off('close', closed)
  }
}
