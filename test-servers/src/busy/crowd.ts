/** What became of calls that were made at once. */
export interface Crowd {
  /** Calls that had neither resolved nor rejected when patience ended. */
  readonly unsettled: number
  readonly rejected: number
  /** Invalidations that did not reach the store. */
  readonly queued: number
  /** Milliseconds until the last one. */
  readonly took: number
}

/** What should become of them. */
export const SETTLED = { unsettled: 0, rejected: 0, queued: 0 }

/** Against hanging only; how long it may take is compared with the bare client. */
const PATIENCE = 120_000

/** All of `count` calls in one turn of the event loop; `issued` runs when they have been made. */
export async function crowd(
  count: number,
  call: (i: number) => Promise<unknown>,
  issued: () => void = () => {},
): Promise<Crowd> {
  const seen = { resolved: 0, rejected: 0, queued: 0 }
  const resolved = (result: unknown): void => {
    seen.resolved++
    if (isQueued(result)) seen.queued++
  }
  const from = performance.now()
  const calls = Array.from({ length: count }, (_, i) => call(i).then(resolved, () => void seen.rejected++))
  issued()
  let patience: NodeJS.Timeout | undefined
  await Promise.race([
    Promise.all(calls),
    new Promise((resolve) => {
      patience = setTimeout(resolve, PATIENCE)
    }),
  ])
  clearTimeout(patience)
  const took = performance.now() - from
  return { unsettled: count - seen.resolved - seen.rejected, rejected: seen.rejected, queued: seen.queued, took }
}

export const isQueued = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'remote' in result && result.remote === 'queued'

/** A list at a time, as one who does not want to be busy does it. */
export async function inLists(ids: readonly number[], call: (id: number) => Promise<unknown>): Promise<void> {
  const LIST = 200
  for (let i = 0; i < ids.length; i += LIST) await Promise.all(ids.slice(i, i + LIST).map((id) => call(id)))
}

export const range = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i)

/** The event loop stands still. */
export function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
