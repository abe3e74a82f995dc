import { turns } from '../measure/turns.ts'
import type { Operation } from './operation.ts'
import { openFor } from './operation.ts'

/** `set` of a small value under a key that is there. */
export const write: Operation = {
  needs: ['local', 'set'],
  async prepare(peer) {
    const { set } = await openFor(peer, { load: async () => 1 })
    if (set === undefined) throw new Error(`${peer.name} has no set`)
    const next = turns((i) => `user-${i}`)
    let id = 0
    return { run: () => set({ id: id++ }, next()) }
  },
}
