import { createRandom } from '../measure/random.ts'
import { VALUES } from '../measure/record.ts'
import { createZipf } from '../measure/zipf.ts'
import type { Operation } from './operation.ts'
import { openFor } from './operation.ts'

const KEYS = 10_000
/** In this process; the others are on Redis. */
const NEAR = 1000
const WRITES = 0.05
const LANES = 16
const STEPS = 8
const SEED = 20_261

/** Two levels: 95 reads to 5 writes, on keys of which few are asked for often and many hardly ever. */
export const mix: Operation = {
  needs: ['both', 'set'],
  async prepare(peer, url) {
    const value = VALUES['200 B']
    const subject = await openFor(peer, { layout: 'both', url, load: async () => value, maxEntries: NEAR })
    const ids = Array.from({ length: KEYS }, (_, i) => `value-${i}`)
    for (let i = 0; i < KEYS; i += LANES) await Promise.all(ids.slice(i, i + LANES).map((id) => subject.read(id)))
    const random = createRandom(SEED)
    const next = createZipf(KEYS, 1, random)
    async function lane(): Promise<void> {
      for (let i = 0; i < STEPS; i++) {
        const id = ids[next()]
        await (random() < WRITES ? subject.set?.(value, id) : subject.read(id))
      }
    }
    return { run: () => Promise.all(Array.from({ length: LANES }, lane)), operations: LANES * STEPS }
  },
}
