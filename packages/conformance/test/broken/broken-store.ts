import type { RemoteStore } from '@shelflife/core'
import type { ReferenceServer, ReferenceStore } from '@shelflife/conformance'

interface Fence {
  token: string
  owner: string | undefined
  leaseUntil: number
  failedUntil: number
  keepUntil: number
}

/** A mistake in a remote store, and a test of the suite that has to notice it. */
export interface BrokenStore {
  readonly fails: string
  readonly change: (store: ReferenceStore, server: ReferenceServer) => Partial<RemoteStore>
}

export const fenceOf = (server: ReferenceServer, key: string): Fence | undefined =>
  server.fences.get(key) as Fence | undefined

type Fencing = 'open' | 'commit' | 'put' | 'release'

/** A mistake that is made with the fence of a key after a command was carried out. */
export const afterwards =
  (command: Fencing, spoil: (fence: Fence) => void): BrokenStore['change'] =>
  (store, server) => ({
    async [command](request: never) {
      const answer: unknown = await store[command](request)
      const fence = fenceOf(server, (request as { readonly key: string }).key)
      if (fence) spoil(fence)
      return answer
    },
  })
