import { loadPeer, PEER_NAMES } from './load-peer.ts'
import type { Peer } from './peer.ts'

export const OURS = 'shelflife'
export const BY_HAND = 'by hand'

/** Everyone in the tables of times: also what one could do by hand, and faster settings that give something up. */
export const CONTESTANTS: readonly Peer[] = await Promise.all(PEER_NAMES.map(loadPeer))

/** Ours first. */
export const LIBRARIES: readonly Peer[] = CONTESTANTS.filter(({ variant }) => variant === undefined)
