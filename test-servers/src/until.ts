import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE = 15

/** Asks until the answer is neither `undefined` nor `false`; errors count as no answer. Rejects after `timeout` ms. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeout = 30_000 } = {},
): Promise<T> {
  const end = performance.now() + timeout
  let last: unknown
  while (performance.now() < end) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      last = error
    }
    await sleep(PAUSE)
  }
  throw new Error(`waited ${timeout} ms in vain until ${what}`, { cause: last })
}
