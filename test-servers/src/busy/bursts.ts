import type { BusyCache } from './busy-cache.ts'
import { itemOf, tagOf } from './busy-cache.ts'
import type { BareClient } from './busy-stores.ts'

/** A kind of call, many of which are made at once, each about another name. */
export interface Burst {
  readonly title: string
  readonly isLocal?: boolean
  /** What has to be in the store before: all that is called, a sample of it, or nothing. Default nothing. */
  readonly before?: 'all' | 'sample'
  call(busy: BusyCache, id: number): Promise<unknown>
  /** The nearest thing that the bare client does. */
  bare(client: BareClient, id: number): Promise<unknown>
  /** How many times as long as the bare client it may take: generous, what takes longer hangs. */
  readonly times: number
  /** Share of the calls that load. Default none. */
  readonly loads?: number
  /** What a second cache finds in the store afterwards. */
  peek(beside: BusyCache, id: number): Promise<unknown>
  readonly after: 'loaded' | 'set' | 'gone'
}

const item = (busy: BusyCache, id: number): Promise<unknown> => busy.item(id)
const peekItem = (busy: BusyCache, id: number): Promise<unknown> => busy.item.peek(id)
const set = (busy: BusyCache, id: number): Promise<unknown> => busy.item.set(itemOf(id, 'set'), id)
const invalidate = (busy: BusyCache, id: number): Promise<unknown> => busy.item.invalidate(id)
const invalidateTags = (busy: BusyCache, id: number): Promise<unknown> => busy.cache.invalidateTags([tagOf(id)])

const getBare = (client: BareClient, id: number): Promise<unknown> => client.get(`bare:${id}`)
const setBare = (client: BareClient, id: number): Promise<unknown> => client.set(`bare:${id}`, itemOf(id).text)
const unlinkBare = (client: BareClient, id: number): Promise<unknown> => client.unlink(`bare:${id}`)

const READ = { before: 'all', call: item, bare: getBare, times: 15, peek: peekItem, after: 'loaded' } as const
const WRITE = { bare: setBare, times: 60, peek: peekItem } as const
const REMOVE = { before: 'sample', bare: unlinkBare, times: 30, peek: peekItem, after: 'gone' } as const

export const WARM_READS: Burst = { title: 'warm reads', ...READ }
export const SETS: Burst = { title: 'sets', ...WRITE, call: set, after: 'set' }
export const INVALIDATIONS: Burst = { title: 'invalidations', ...REMOVE, call: invalidate }

export const BURSTS: readonly Burst[] = [
  WARM_READS,
  { title: 'warm reads with an empty local store', isLocal: true, ...READ },
  SETS,
  { title: 'sets with a local store', isLocal: true, ...WRITE, call: set, after: 'set' },
  INVALIDATIONS,
  { title: 'expirations', ...REMOVE, call: (busy, id) => busy.item.expire(id) },
  {
    title: 'invalidations of tags',
    ...REMOVE,
    call: invalidateTags,
    peek: (busy, id) => busy.tagged.peek(id),
  },
  { title: 'cold loads', ...WRITE, times: 100, call: item, loads: 1, after: 'loaded' },
]

/** In equal parts: reads, sets, invalidations of names and of tags, and cold loads. */
export const MIXTURE = [item, set, invalidate, invalidateTags, (busy: BusyCache, id: number) => busy.tagged(id)]
export const MIXTURE_BARE = [getBare, setBare, unlinkBare, unlinkBare, setBare]
