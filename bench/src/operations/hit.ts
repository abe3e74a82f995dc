import { queryOf } from '../measure/query.ts'
import { TURNS, turns } from '../measure/turns.ts'
import type { Feature, OpenOptions } from '../peers/peer.ts'
import type { Operation } from './operation.ts'
import { openFor } from './operation.ts'

const load = async (id: unknown): Promise<unknown> => ({ id })

function hit(
  argument: (i: number) => unknown,
  needs: readonly Feature[],
  options: Partial<OpenOptions> = {},
): Operation {
  return {
    needs: ['local', ...needs],
    async prepare(peer) {
      const { read } = await openFor(peer, { load, ...options })
      for (let i = 0; i < TURNS; i++) await read(argument(i))
      const next = turns(argument)
      return { run: () => read(next()) }
    },
  }
}

const idOf = (i: number): string => `user-${i}`

/** Hits in this process; so many different arguments take turns. */
export const hitByText = hit(idOf, [])
export const hitByObject = hit(queryOf, ['keys'], { argumentsAre: 'any' })
export const hitWithTags = hit(idOf, ['tags'], { tags: (id) => [`user:${String(id)}`, 'users'] })
