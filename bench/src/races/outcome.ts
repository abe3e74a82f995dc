import type { Layout, Peer } from '../peers/peer.ts'
import { offers } from '../peers/peer.ts'
import { openArena } from './arena.ts'
import type { Race } from './race.ts'
import { UnreadyError } from './racer.ts'

/** What came of one race of one library. */
export interface Outcome {
  readonly peer: string
  readonly race: string
  readonly verdict: 'passes' | 'fails' | 'n/a'
  /** Where it failed: what was seen. */
  readonly seen?: string
}

/** Where the race takes place, if the library has what it needs. */
function layoutOf(race: Race, peer: Peer): Layout | undefined {
  if (!offers(peer, race.needs)) return undefined
  return race.layouts.find((layout) => offers(peer, [layout]))
}

/** Rejects with an UnreadyError if the race could not take place. */
export async function outcomeOf(race: Race, peer: Peer): Promise<Outcome> {
  const names = { peer: peer.name, race: race.name }
  const layout = layoutOf(race, peer)
  if (layout === undefined) return { ...names, verdict: 'n/a' }
  const arena = await openArena(peer.name, layout)
  try {
    const seen = await race.run(arena)
    return seen === undefined ? { ...names, verdict: 'passes' } : { ...names, verdict: 'fails', seen }
  } catch (error) {
    if (error instanceof UnreadyError) throw error
    return { ...names, verdict: 'fails', seen: (error as Error).message }
  } finally {
    await arena.close()
  }
}
