import type { Size } from '../measure/record.ts'
import { VALUES } from '../measure/record.ts'
import type { Operation } from './operation.ts'
import { openFor } from './operation.ts'

/** Reads of each lane, so that lanes drift apart as callers do. */
const READS = { '200 B': 4, '10 kB': 4, '200 kB': 1 } as const
/** So few large ones that all libraries together do not fill the memory. */
const KEYS = { '200 B': 256, '10 kB': 256, '200 kB': 32 } as const

/** Hits on Redis, so many at a time, with nothing kept in this process. */
export function remoteHit(size: Size, concurrency: number): Operation {
  return {
    needs: ['remote'],
    async prepare(peer, url) {
      const { read } = await openFor(peer, { layout: 'remote', url, load: async () => VALUES[size] })
      const ids = Array.from({ length: KEYS[size] }, (_, i) => `value-${i}`)
      for (const id of ids) await read(id)
      let turn = 0
      const once = (): Promise<unknown> => read(ids[turn++ % ids.length])
      if (concurrency === 1) return { run: once }
      async function lane(): Promise<void> {
        for (let i = 0; i < READS[size]; i++) await once()
      }
      return {
        run: () => Promise.all(Array.from({ length: concurrency }, lane)),
        operations: concurrency * READS[size],
      }
    },
  }
}
