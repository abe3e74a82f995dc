import type { ServerResponse } from 'node:http'

import { overlay, values } from './overlay.ts'

/** Names in lines of `Vary`, as they were written. */
export const namesOfVary = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => line.split(',')).flatMap((name) => name.trim() || [])

/**
 * From now on a head that says `Vary: *` says nothing else there, whatever adds to it before it is sent: caches behind heed
 * it only where it stands alone.
 *
 * @returns what ends it
 */
export function keepStar(res: ServerResponse): () => void {
  if (res.getHeader('vary') !== '*') return () => {}
  const methods = (['setHeader', 'appendHeader', 'removeHeader'] as const).map((name) => {
    const change = res[name] as (...args: readonly unknown[]) => unknown
    function kept(field: unknown, ...args: readonly unknown[]): unknown {
      // one that is out throws for all fields
      const isKept = String(field).toLowerCase() === 'vary' && !res.headersSent
      return isKept ? res : Reflect.apply(change, res, [field, ...args])
    }
    return [name, kept] as const
  })
  return overlay(res, values(Object.fromEntries(methods)))
}
