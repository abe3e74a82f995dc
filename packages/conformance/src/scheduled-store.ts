import type { RemoteStore } from '@shelflife/core'

/** Resolves when the thing called `label` may happen; fast-check's `scheduler.schedule` bound to it fits. */
export type Turn = (label: string) => Promise<void>

const COMMANDS = [
  'read',
  'readTags',
  'open',
  'capture',
  'commit',
  'put',
  'renew',
  'release',
  'touch',
  'invalidate',
  'expire',
  'invalidateTags',
  'expireTags',
] as const

/**
 * A store whose every command waits for its turn twice, on the way to the store and on the way back, so that a
 * scheduler can try all orders in which requests and replies of several processes may arrive.
 *
 * @example
 * const turn = (label: string) => scheduler.schedule(Promise.resolve(), label)
 * const store = scheduledStore(server.connect(), turn)
 */
export function scheduledStore<Store extends RemoteStore>(store: Store, turn: Turn): Store {
  const scheduled: Store = { ...store }
  for (const command of COMMANDS) {
    const carryOut = store[command] as (...args: readonly unknown[]) => Promise<unknown>
    const inTurns = async (...args: readonly unknown[]): Promise<unknown> => {
      await turn(`${command} request`)
      const reply = await carryOut(...args)
      await turn(`${command} reply`)
      return reply
    }
    Object.assign(scheduled, { [command]: inTurns })
  }
  return scheduled
}
