import type { RemoteStore } from '@shelflife/core'

import type { BrokenStore } from './broken-store.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** Every method that takes a key, with another key. */
function renamed(store: RemoteStore, rename: (key: string) => string): Partial<RemoteStore> {
  const inRequest = <Request extends { readonly key: string }>(request: Request): Request => ({
    ...request,
    key: rename(request.key),
  })
  return {
    read: (key, tags) => store.read(rename(key), tags),
    open: (request) => store.open(inRequest(request)),
    commit: (request) => store.commit(inRequest(request)),
    touch: (request) => store.touch(inRequest(request)),
    invalidate: (keys) => store.invalidate(keys.map(rename)),
  }
}

export const BROKEN_RECORDS: Readonly<Record<string, BrokenStore>> = {
  'bytes as text': {
    fails: 'any bytes come back unchanged',
    change: (store) => ({
      commit: (request) => store.commit({ ...request, envelope: encoder.encode(decoder.decode(request.envelope)) }),
    }),
  },
  'keys without case': {
    fails: 'keys that differ in any way are different',
    change: (store) => renamed(store, (key) => key.toLowerCase()),
  },
  'keys up to NUL': {
    fails: 'keys of any characters are different',
    change: (store) => renamed(store, (key) => key.replace(/[^ -~].*/s, '')),
  },
  'short keys': {
    fails: 'keys that differ in any way are different',
    change: (store) => renamed(store, (key) => key.slice(0, 500)),
  },
  'bytes that are shared': {
    fails: 'changing bytes that were handed in or out does not change the record',
    change: (store, server) => ({
      async commit(request) {
        const stored = await store.commit(request)
        const record = server.records.get(request.key)
        if (record) record.envelope = request.envelope
        return stored
      },
    }),
  },
  'no age': {
    fails: 'createdAt is when the value was created, on the clock of the process',
    change: (store) => ({ commit: (request) => store.commit({ ...request, age: 0 }) }),
  },
  'fresh until ttl from now': {
    fails: 'freshUntil is ttl after createdAt',
    change: (store) => ({ commit: (request) => store.commit({ ...request, ttl: request.ttl + request.age }) }),
  },
  'times on the clock of the server': {
    fails: 'createdAt is when the value was created, on the clock of the process',
    change: (store) => ({
      async read(key, tags) {
        const { record, ids } = await store.read(key, tags)
        return { record: record && { ...record, createdAt: record.createdAt + 1000 }, ids }
      },
    }),
  },
  'times counted from the read': {
    fails: 'the times stay where they are while time passes',
    change(store, server) {
      const offset = new Map<string, number>()
      return {
        async read(key, tags) {
          const { record, ids } = await store.read(key, tags)
          const drift = offset.get(key) ?? 0
          if (server.records.has(key)) offset.set(key, drift + 10)
          return { record: record && { ...record, createdAt: record.createdAt + drift }, ids }
        },
      }
    },
  },
  'no infinite ttl': {
    fails: 'a record with an infinite ttl is fresh until invalidated',
    change: (store) => ({ commit: (request) => store.commit({ ...request, ttl: Math.min(request.ttl, 1e9) }) }),
  },
  'kept for ttl': {
    fails: 'a record is kept after its ttl has ended',
    change: (store) => ({ commit: (request) => store.commit({ ...request, keep: request.ttl }) }),
  },
  'kept for ever': {
    fails: 'a record is forgotten when its keep has ended',
    change: (store) => ({ commit: (request) => store.commit({ ...request, keep: Infinity }) }),
  },
  'whole milliseconds only': {
    fails: 'times may be fractions of a millisecond',
    change: (store) => ({
      async commit(request) {
        if (!Number.isInteger(request.ttl) && request.ttl < Infinity) throw new Error('ERR value is not an integer')
        return store.commit(request)
      },
    }),
  },
  'touch from createdAt': {
    fails: 'makes a fresh record so for another ttl, counted from now',
    change: (store) => ({ touch: (request) => store.touch({ ...request, ttl: request.ttl - 500 }) }),
  },
  'touch that brings back what is stale': {
    fails: 'leaves stale what has become stale',
    change: (store, server) => ({
      async touch(request) {
        const record = server.records.get(request.key)
        if (record !== undefined) record.freshUntil = Infinity
        await store.touch(request)
      },
    }),
  },
  'touch without keep': {
    fails: 'keeps the record longer',
    change: (store) => ({ touch: (request) => store.touch({ ...request, keep: 400 }) }),
  },
  'touch that stores': {
    fails: 'does not bring back what was invalidated',
    change: (store, server) => ({
      async touch(request) {
        await store.touch(request)
        const now = { createdAt: 0, freshUntil: Infinity, keepUntil: Infinity, envelope: encoder.encode('old') }
        if (!server.records.has(request.key)) server.records.set(request.key, now)
      },
    }),
  },
  'touch that takes the fence': {
    fails: 'leaves the fence of a running load alone',
    change: (store, server) => ({
      async touch(request) {
        server.fences.delete(request.key)
        await store.touch(request)
      },
    }),
  },

  'no label': { fails: 'says what it is', change: () => ({ label: '' }) },
  'no time to answer': {
    fails: 'gives each command a budget that ends',
    change: () => ({ budget: { read: 0, write: 0 } }),
  },
  'close that clears': {
    fails: 'keeps what it was given when a process closes it, also twice',
    change: (store, server) => ({
      async close() {
        server.records.clear()
        await store.close()
      },
    }),
  },
  'records out of nowhere': {
    fails: 'a key nobody stored has no record',
    change: (store) => ({
      async read(key, tags) {
        const { record, ids } = await store.read(key, tags)
        return { record: record ?? { createdAt: 0, freshUntil: 0, envelope: encoder.encode('') }, ids }
      },
    }),
  },
  'records of one process': {
    fails: 'what one process commits, another reads',
    change(store) {
      const own = crypto.randomUUID()
      return renamed(store, (key) => own + key)
    },
  },
}
