import { inspect, isDeepStrictEqual } from 'node:util'

/** What was read where something else was due; nothing where it is the same, types included. */
export function differs(read: unknown, due: unknown): string | undefined {
  if (isDeepStrictEqual(read, due)) return undefined
  return `read ${inspect(read, { breakLength: Infinity })} where ${inspect(due, { breakLength: Infinity })} was due`
}
