import { queryOf } from '../measure/query.ts'
import { turns } from '../measure/turns.ts'
import type { Operation } from './operation.ts'
import { openFor } from './operation.ts'

/** The key of an object, new each time: nothing can be remembered by identity. */
export const buildKey: Operation = {
  needs: ['local', 'keys', 'keyOf'],
  async prepare(peer) {
    const { key } = await openFor(peer, { load: async () => 1, argumentsAre: 'any' })
    if (key === undefined) throw new Error(`${peer.name} shows no keys`)
    const next = turns(queryOf)
    return { run: () => key(next()) }
  },
}
