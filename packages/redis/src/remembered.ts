import type { RedisBus } from './bus.ts'
import type { Server } from './server.ts'

/** What the server of the tags answers, when it has said whether it remembers what this process knows it was told. */
export type Remembered = <T>(asking: Promise<T>) => Promise<T>

/** It is asked whenever it may be another one than before. */
export function rememberedBy({ history }: Pick<Server, 'history'>, bus: RedisBus): Remembered {
  let heardOf: string | undefined
  let looking: Promise<void> | undefined

  async function look(now: string): Promise<void> {
    await bus.look()
    heardOf = now
  }

  return async (asking) => {
    const answer = await asking
    const now = history.of()
    // there is nothing yet that could be forgotten
    if (bus.known() === '') heardOf = now
    if (heardOf === now) return answer
    looking ??= look(now).finally(() => {
      looking = undefined
    })
    await looking
    return answer
  }
}
