import { ShelflifeError } from '@shelflife/core'
import { numberOf } from './replies.ts'
import type { Server } from './server.ts'

/** Milliseconds for replicas that were not there in time before. */
const AGAIN = 5

/** Of a node. */
interface Waits {
  current: Promise<unknown>
  /** What is written until it begins. */
  next: Promise<void> | undefined
  wasInVain: boolean
}

/**
 * Makes what waits until so many replicas of the nodes of some names have what was written to these nodes before, and rejects
 * where they do not within `ms` milliseconds. The connection carries out nothing else meanwhile, so what was written during
 * one wait shares the next one, and after one in vain the next ones are short.
 */
export function waitingFor(
  { send, addressOf }: Pick<Server, 'send' | 'addressOf'>,
  replicas: number,
  ms: number,
): (names: readonly string[]) => Promise<void> {
  const all = new Map<string, Waits>()

  async function wait(name: string, waits: Waits): Promise<void> {
    const within = Math.ceil(waits.wasInVain ? AGAIN : ms)
    waits.wasInVain = true
    const have = numberOf(await send(['WAIT', String(replicas), String(within)], name), 'wait')
    if (have < replicas) {
      const problem = `only ${have} of the ${replicas} replicas of waitForReplicas have it within ${within} ms`
      throw new ShelflifeError('store-not-replicated', problem)
    }
    waits.wasInVain = false
  }

  function join(name: string): Promise<void> {
    const address = addressOf(name)
    const waits = all.get(address) ?? { current: Promise.resolve(), next: undefined, wasInVain: false }
    all.set(address, waits)
    waits.next ??= waits.current.then(() => {
      waits.next = undefined
      const waiting = wait(name, waits)
      waits.current = waiting.catch(() => {})
      return waiting
    })
    return waits.next
  }

  return async (names) => {
    if (replicas === 0) return
    const byNode = new Map(names.map((name) => [addressOf(name), name]))
    await Promise.all([...byNode.values()].map(join))
  }
}
