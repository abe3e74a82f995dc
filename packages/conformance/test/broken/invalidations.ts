import type { RemoteStore } from '@shelflife/core'
import type { ReferenceServer } from '@shelflife/conformance'

import type { BrokenStore } from './broken-store.ts'

const keepingFences = (command: 'invalidate' | 'expire') => (store: RemoteStore, server: ReferenceServer) => ({
  async [command](keys: readonly string[]) {
    const before = keys.map((key) => server.fences.get(key))
    await store[command](keys)
    for (const [i, key] of keys.entries()) if (before[i] !== undefined) server.fences.set(key, before[i])
  },
})

const onlyFirst = (command: 'invalidate' | 'expire' | 'invalidateTags' | 'expireTags') => (store: RemoteStore) => ({
  [command]: (names: readonly string[]) => store[command](names.slice(0, 1)),
})

export const BROKEN_INVALIDATIONS: Readonly<Record<string, BrokenStore>> = {
  'invalidate that leaves fences': {
    fails: 'is refused and changes nothing after the key was invalidated',
    change: keepingFences('invalidate'),
  },
  'expire that leaves fences': {
    fails: 'is refused and changes nothing after the key was expired',
    change: keepingFences('expire'),
  },
  'invalidate that expires': {
    fails: 'removes the records, for every process',
    change: (store) => ({ invalidate: (keys) => store.expire(keys) }),
  },
  'expire that invalidates': {
    fails: 'makes records stale now and keeps their bytes',
    change: (store) => ({ expire: (keys) => store.invalidate(keys) }),
  },
  'expire that renews': {
    fails: 'does not move the end of a ttl that is over',
    change: (store, server) => ({
      async expire(keys) {
        for (const key of keys) {
          const record = server.records.get(key)
          if (record !== undefined) record.freshUntil = Infinity
        }
        await store.expire(keys)
      },
    }),
  },
  'invalidate of one key': { fails: 'removes the records, for every process', change: onlyFirst('invalidate') },
  'expire of one key': { fails: 'makes records stale now and keeps their bytes', change: onlyFirst('expire') },
  'invalidateTags of one tag': { fails: 'many tags can be invalidated at once', change: onlyFirst('invalidateTags') },
  'expireTags of one tag': { fails: 'expireTags tells every other process the names', change: onlyFirst('expireTags') },
  'no empty list': {
    fails: 'may be repeated, and may name what is not there or nothing',
    change: (store) => ({
      async invalidate(keys) {
        if (keys.length === 0) throw new Error('ERR wrong number of arguments')
        await store.invalidate(keys)
      },
    }),
  },
  'expireTags that invalidates': {
    fails: 'expiring a tag changes b alone',
    change: (store) => ({ expireTags: (tags) => store.invalidateTags(tags) }),
  },
  'invalidateTags that expires': {
    fails: 'invalidating a tag changes a or removes the id',
    change: (store) => ({ invalidateTags: (tags) => store.expireTags(tags) }),
  },
  'ids that come back': {
    fails: 'an id never comes back after an invalidation',
    change: (store, server) => ({
      async capture(request) {
        const known = request.tags.map((tag) => server.tags.has(tag))
        const captured = await store.capture(request)
        for (const [i, tag] of request.tags.entries()) {
          if (known[i] === false) Object.assign(server.tags.get(tag) as object, { id: `${tag.replaceAll('.', '')}.0` })
        }
        return { ...captured, ids: request.since ? captured.ids : await store.readTags(request.tags) }
      },
    }),
  },
  'ids kept for a moment': {
    fails: 'ids are kept as long as asked',
    change: (store) => ({ capture: (request) => store.capture({ ...request, keep: Math.min(request.keep, 400) }) }),
  },
  'ids of tags in another order': {
    fails: 'every process is told the same ids, in the order asked, by every command',
    change: (store) => ({ readTags: async (tags) => (await store.readTags(tags)).toReversed() }),
  },
  'capture that forgets the mark': {
    fails: 'does not answer for a tag after invalidateTags although somebody has captured it since',
    change: (store) => ({ capture: ({ tags, keep }) => store.capture({ tags, keep }) }),
  },
  'capture that proves nothing': {
    fails: 'answers with the id of a tag that has not changed although others have',
    change: (store) => ({
      async capture(request) {
        const { ids, mark } = await store.capture(request)
        return { ids: request.since === undefined || request.since === mark ? ids : ids.map(() => undefined), mark }
      },
    }),
  },

  'ids for whoever asks': {
    fails: 'a tag nobody captured has no id',
    change: (store) => ({ readTags: async (tags) => (await store.capture({ tags, keep: 60_000 })).ids }),
  },
  'ids of one part': {
    fails: 'capture creates ids of the form a.b',
    change: (store) => ({
      async capture(request) {
        const { ids, mark } = await store.capture(request)
        return { ids: ids.map((id) => id?.replace('.', '')), mark }
      },
    }),
  },
  'each tag once': {
    fails: 'a tag asked for twice is answered twice',
    change: (store) => ({ capture: (request) => store.capture({ ...request, tags: [...new Set(request.tags)] }) }),
  },
  'no tags refused': {
    fails: 'no tags are answered with no ids',
    change: (store) => ({
      async readTags(tags) {
        if (tags.length === 0) throw new Error('ERR wrong number of arguments')
        return store.readTags(tags)
      },
    }),
  },
  'ids made in two steps': {
    fails: 'of many who capture a new tag at once, all get the same id',
    change: (store, server) => ({
      async capture(request) {
        const missing = request.tags.filter((tag) => !server.tags.has(tag))
        await Promise.resolve()
        for (const tag of missing) server.tags.delete(tag)
        return store.capture(request)
      },
    }),
  },
  'tags among the keys': {
    fails: 'names of tags and keys do not meet',
    change: (store, server) => ({
      async invalidate(keys) {
        for (const key of keys) server.tags.delete(key)
        await store.invalidate(keys)
      },
    }),
  },
  'tags without case': {
    fails: 'names with any characters are different',
    change: (store) => ({
      capture: (request) => store.capture({ ...request, tags: request.tags.map((tag) => tag.toLowerCase()) }),
    }),
  },
  'capture that never answers since a mark': {
    fails: 'answers with the id of a tag that has not changed',
    change: (store) => ({
      async capture(request) {
        const { ids, mark } = await store.capture(request)
        return { ids: ids.map((id) => (request.since === undefined ? id : undefined)), mark }
      },
    }),
  },
  'marks that stand still': {
    fails: 'answers again since a mark from after the change',
    change(store) {
      return { capture: async (request) => ({ ids: (await store.capture(request)).ids, mark: '0' }) }
    },
  },
}
