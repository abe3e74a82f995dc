import type { BrokenStore } from './broken-store.ts'
import { afterwards } from './broken-store.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** What ends too soon, and what never does. */
export const BROKEN_LIVES: Readonly<Record<string, BrokenStore>> = {
  'fence that ends after two seconds': {
    fails: 'a load or set that takes an hour may still store its value',
    change: afterwards('open', (fence) => void (fence.keepUntil -= HOUR - 2000)),
  },
  'fence that ends after half an hour': {
    fails: 'a load or set that takes an hour may still store its value',
    change: afterwards('open', (fence) => void (fence.keepUntil -= HOUR / 2)),
  },
  'repeated commit that is forgotten too soon': {
    fails: 'a commit or put that is repeated within a minute answers the same',
    change: afterwards('commit', (fence) => void (fence.keepUntil -= MINUTE - 1500)),
  },
  'repeated put that is forgotten too soon': {
    fails: 'a commit or put that is repeated within a minute answers the same',
    change: afterwards('put', (fence) => void (fence.keepUntil -= MINUTE - 1500)),
  },
  'mark of a failed load that ends too soon': {
    fails: 'a failed load is remembered for two seconds',
    change: afterwards('release', (fence) => void (fence.failedUntil -= 2000)),
  },
  'records that are never swept': {
    fails: 'leaves within a minute: records and tag ids',
    change: (store, server) => ({
      async commit(request) {
        const stored = await store.commit(request)
        const record = server.records.get(request.key)
        if (record) record.keepUntil = Infinity
        return stored
      },
    }),
  },
  'tag ids that are never swept': {
    fails: 'leaves within a minute: records and tag ids',
    change: (store) => ({ capture: (request) => store.capture({ ...request, keep: Infinity }) }),
  },
  'fences that are never swept': {
    fails: 'leaves in the end: fences',
    change: afterwards('open', (fence) => void (fence.keepUntil = Infinity)),
  },
  'commits that are never forgotten': {
    fails: 'leaves within minutes: what is known of commits, and messages',
    change: afterwards('commit', (fence) => void (fence.keepUntil = Infinity)),
  },
  'messages that are never swept': {
    fails: 'leaves within minutes: what is known of commits, and messages',
    change: (store, server) => ({
      async invalidate(keys) {
        server.tags.set(`message ${crypto.randomUUID()}`, { keepUntil: Infinity })
        return store.invalidate(keys)
      },
    }),
  },
}
