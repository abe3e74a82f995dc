import type { Feature, Layout } from '../peers/peer.ts'
import type { Arena } from './arena.ts'

/** What can go wrong, as one script that is the same for every library. */
export interface Race {
  /** What must hold, as a sentence. */
  readonly name: string
  /** Where entries may be kept, the first one that the library has. */
  readonly layouts: readonly Layout[]
  /** What the library must have besides; without it the script does not apply. */
  readonly needs: readonly Feature[]
  /** Resolves with what was seen instead, or with nothing if it holds. Rejecting counts as seen. */
  run(arena: Arena): Promise<string | undefined>
}

/** In one process, or where there is none on Redis. */
export const ANYWHERE: readonly Layout[] = ['local', 'remote']
/** Shared by several processes: in two levels where the library has them. */
export const SHARED: readonly Layout[] = ['both', 'remote']
/** With copies in each process. */
export const COPIES: readonly Layout[] = ['both']
