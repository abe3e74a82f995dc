import type { BrokenStore } from './broken-store.ts'
import { fenceOf } from './broken-store.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** What ends too soon, and what never does. */
export const BROKEN_LIVES: Readonly<Record<string, BrokenStore>> = {
  'fence that ends after two seconds': {
    fails: 'a load or set that takes an hour may still store its value',
    change: (store, server) => ({
      async open(request) {
        const opened = await store.open(request)
        const fence = fenceOf(server, request.key)
        if (fence) fence.keepUntil -= HOUR - 2000
        return opened
      },
    }),
  },
  'fence that ends after half an hour': {
    fails: 'a load or set that takes an hour may still store its value',
    change: (store, server) => ({
      async open(request) {
        const opened = await store.open(request)
        const fence = fenceOf(server, request.key)
        if (fence) fence.keepUntil -= HOUR / 2
        return opened
      },
    }),
  },
  'repeated commit that is forgotten too soon': {
    fails: 'a commit or put that is repeated within a minute answers the same',
    change: (store, server) => ({
      async commit(request) {
        const stored = await store.commit(request)
        const fence = fenceOf(server, request.key)
        if (stored && fence) fence.keepUntil -= MINUTE - 1500
        return stored
      },
    }),
  },
  'repeated put that is forgotten too soon': {
    fails: 'a commit or put that is repeated within a minute answers the same',
    change: (store, server) => ({
      async put(request) {
        const stored = await store.put(request)
        const fence = fenceOf(server, request.key)
        if (stored && fence) fence.keepUntil -= MINUTE - 1500
        return stored
      },
    }),
  },
  'mark of a failed load that ends too soon': {
    fails: 'a failed load is remembered for two seconds',
    change: (store, server) => ({
      async release(request) {
        await store.release(request)
        const fence = fenceOf(server, request.key)
        if (fence) fence.failedUntil -= 2000
      },
    }),
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
    change: (store, server) => ({
      async open(request) {
        const opened = await store.open(request)
        const fence = fenceOf(server, request.key)
        if (fence) fence.keepUntil = Infinity
        return opened
      },
    }),
  },
  'commits that are never forgotten': {
    fails: 'leaves within minutes: what is known of commits, and messages',
    change: (store, server) => ({
      async commit(request) {
        const stored = await store.commit(request)
        const fence = fenceOf(server, request.key)
        if (fence) fence.keepUntil = Infinity
        return stored
      },
    }),
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
