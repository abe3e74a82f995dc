import type { RedisBus } from './bus.ts'
import type { Server } from './server.ts'

/**
 * Makes what waits until the server of the tags has said whether it remembers what this process knows it was told, whenever
 * it may be another one than before; `undefined` where it has.
 */
export function rememberedBy({ history }: Pick<Server, 'history'>, bus: RedisBus): () => Promise<void> | undefined {
  let heardOf: string | undefined
  let looking: Promise<void> | undefined

  async function look(now: string): Promise<void> {
    await bus.look()
    heardOf = now
  }

  return () => {
    const now = history.of()
    // there is nothing yet that could be forgotten
    if (bus.known() === '') heardOf = now
    if (heardOf === now) return undefined
    looking ??= look(now).finally(() => {
      looking = undefined
    })
    return looking
  }
}
