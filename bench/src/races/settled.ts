import { setTimeout as sleep } from 'node:timers/promises'

/** Longer than any library says that a message to other processes takes, Shelflife's `maxDrift` of 1 s included. */
const SETTLED = 1500

/** Resolves when the work is over, however it ends, and after so many milliseconds at the latest. */
export async function settled(work?: Promise<unknown>, milliseconds: number = SETTLED): Promise<void> {
  const time = new AbortController()
  const pause = sleep(milliseconds, undefined, { signal: time.signal }).catch(() => {})
  await (work === undefined ? pause : Promise.race([work.catch(() => {}), pause]))
  time.abort()
}
