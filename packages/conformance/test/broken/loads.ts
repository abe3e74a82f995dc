import type { BrokenStore } from './broken-store.ts'
import { afterwards, fenceOf } from './broken-store.ts'

export const BROKEN_LOADS: Readonly<Record<string, BrokenStore>> = {
  'commit without a fence': {
    fails: 'is refused and changes nothing after the key was invalidated',
    change: (store) => ({
      async commit(request) {
        const opened = await store.open({ ...request, lease: 0, mode: 'early' })
        return store.commit({ ...request, fence: 'fence' in opened ? opened.fence : '' })
      },
    }),
  },
  'fence that is not used up': {
    fails: 'is refused and changes nothing after another load used the fence up',
    change: (store, server) => ({
      async commit(request) {
        const stored = await store.commit(request)
        if (stored) server.fences.set(request.key, { token: request.fence, owner: undefined, leaseUntil: 0 })
        return stored
      },
    }),
  },
  'refused commit that stores': {
    fails: 'is refused and changes nothing after the fence was taken',
    change: (store, server) => ({
      async commit(request) {
        const stored = await store.commit(request)
        const { envelope } = request
        const record = { envelope, createdAt: 0, freshUntil: Infinity, keepUntil: Infinity }
        if (!stored) server.records.set(request.key, record)
        return stored
      },
    }),
  },
  'commit that is not idempotent': {
    fails: 'that is repeated by its owner answers the same',
    change(store) {
      const done = new Set<string>()
      return {
        async commit(request) {
          if (done.has(request.owner)) return false
          done.add(request.owner)
          return store.commit(request)
        },
      }
    },
  },
  'repeated commit that stores again': {
    fails: 'that is repeated late does not bring back what was invalidated',
    change(store, server) {
      const done = new Set<string>()
      return {
        async commit(request) {
          const { key, owner, envelope } = request
          const stored = await store.commit(request)
          const record = { envelope, createdAt: 0, freshUntil: Infinity, keepUntil: Infinity }
          if (done.has(owner)) server.records.set(key, record)
          if (stored) done.add(owner)
          return stored || done.has(owner)
        },
      }
    },
  },
  'refused commit that ends the lease': {
    fails: 'that is refused does not end the lease of somebody else',
    change: afterwards('commit', (fence) => void (fence.leaseUntil = 0)),
  },
  'commit that keeps the lease': {
    fails: 'commit ends the lease',
    change: (store, server) => ({
      async commit(request) {
        const owner = fenceOf(server, request.key)?.owner
        const stored = await store.commit(request)
        const fence = fenceOf(server, request.key)
        if (fence && owner) Object.assign(fence, { owner, leaseUntil: Infinity })
        return stored
      },
    }),
  },
  'put without a fence': {
    fails: 'is refused and changes nothing after the key was invalidated and loaded again',
    change: (store) => ({
      async put(request) {
        const opened = await store.open({ ...request, lease: 0, mode: 'early' })
        return store.put({ ...request, fence: 'fence' in opened ? opened.fence : '' })
      },
    }),
  },
  'put that is a commit': {
    fails: 'stores the record although another value was put since',
    change: (store) => ({ put: (request) => store.commit(request) }),
  },
  'put that leaves running loads alone': {
    fails: 'put > refuses every load that was running',
    change: (store, server) => ({
      async put(request) {
        const fence = server.fences.get(request.key)
        const stored = await store.put(request)
        if (stored) server.fences.set(request.key, fence)
        return stored
      },
    }),
  },
  'a fence each': {
    fails: 'everybody who asks for the fence alone gets the same one',
    change: (store) => ({ open: (request) => store.open({ ...request, mode: 'take', owner: crypto.randomUUID() }) }),
  },
  'early that takes': {
    fails: 'early leaves the fence of other loads alone',
    change: (store) => ({
      open: (request) => store.open({ ...request, mode: request.mode === 'early' ? 'take' : request.mode }),
    }),
  },
  'early that looks for a fresh record': {
    fails: 'early asks to load although the record is fresh',
    change: (store) => ({
      open: (request) => store.open({ ...request, mode: request.mode === 'early' ? 'load' : request.mode }),
    }),
  },
  'load that ignores a fresh record': {
    fails: 'load answers with the record when somebody stored a fresh one',
    change: (store) => ({
      open: (request) => store.open({ ...request, mode: request.mode === 'load' ? 'early' : request.mode }),
    }),
  },
  'take that leaves the fence': {
    fails: 'take refuses every load that was running',
    change: (store) => ({
      open: (request) => store.open({ ...request, mode: request.mode === 'take' ? 'early' : request.mode }),
    }),
  },
  'take that removes the record': {
    fails: 'take leaves the record where it is',
    change: (store, server) => ({
      open(request) {
        if (request.mode === 'take') server.records.delete(request.key)
        return store.open(request)
      },
    }),
  },
  'take that is not idempotent': {
    fails: 'the same owner asking twice to take gets the same fence',
    change: (store) => ({
      open: (request) =>
        store.open({ ...request, owner: request.mode === 'take' ? crypto.randomUUID() : request.owner }),
    }),
  },
  'lease for everybody': {
    fails: 'of many who ask at once, exactly one is granted the lease',
    change: (store) => ({ open: (request) => store.open({ ...request, lease: 0 }) }),
  },
  'lease without end': {
    fails: 'a lease ends by itself',
    change: (store) => ({ open: (request) => store.open({ ...request, lease: request.lease && 60_000 }) }),
  },
  'fence that ends with the lease': {
    fails: 'a load may commit after its lease has ended; the one that followed is refused',
    change: (store, server) => ({
      open(request) {
        const fence = fenceOf(server, request.key)
        const isOver = fence?.owner !== undefined && fence.owner !== request.owner
        if (isOver && request.lease === 60_000 && fence.leaseUntil > 0) server.fences.delete(request.key)
        return store.open(request)
      },
    }),
  },
  'fence alone held up': {
    fails: 'a lease does not hold up those who ask for the fence alone',
    change: (store, server) => ({
      async open(request) {
        const fence = fenceOf(server, request.key)
        if (fence?.owner && fence.leaseUntil > 0 && fence.owner !== request.owner && request.mode !== 'take') {
          return { state: 'held', retryAfter: 100 }
        }
        return store.open(request)
      },
    }),
  },
  'renew by anybody': {
    fails: 'by somebody else is false and changes nothing',
    change: (store, server) => ({
      renew: (request) => store.renew({ ...request, owner: fenceOf(server, request.key)?.owner ?? request.owner }),
    }),
  },
  'renew that is always true': {
    fails: 'is false after the commit',
    change: (store) => ({
      async renew(request) {
        await store.renew(request)
        return true
      },
    }),
  },
  'renew that does nothing': { fails: 'prolongs the lease', change: () => ({ renew: async () => true }) },
  'release by anybody': {
    fails: 'by somebody else changes nothing',
    change: (store, server) => ({
      release: (request) => store.release({ ...request, owner: fenceOf(server, request.key)?.owner ?? request.owner }),
    }),
  },
  'release that does nothing': { fails: 'ends the lease', change: () => ({ release: async () => {} }) },
  'release that takes the fence': {
    fails: 'stores nothing and leaves the fence to other loads',
    change: (store, server) => ({
      async release(request) {
        await store.release(request)
        server.fences.delete(request.key)
      },
    }),
  },
  'no mark of failures': {
    fails: 'lets everybody load without a lease, with a fence that works',
    change: (store) => ({ release: (request) => store.release({ ...request, failed: false }) }),
  },
  'failures for ever': {
    fails: 'is forgotten after a moment',
    change: (store, server) => ({
      async release(request) {
        await store.release(request)
        const fence = fenceOf(server, request.key)
        if (fence && request.failed) fence.failedUntil = Infinity
      },
    }),
  },
  'waits that are not woken': {
    fails: 'wakes all who wait, in every process, at a commit',
    change: (store) => ({ settled: (_key, ms) => store.settled('', ms).then(() => new Promise(() => {})) }),
  },
  'waits that are over at once': {
    fails: 'waits `ms` at the latest',
    change: () => ({ settled: async () => {} }),
  },

  'stale taken for fresh': {
    fails: 'load takes a stale record for none',
    change: (store) => ({
      async open(request) {
        const { record } = await store.read(request.key, [])
        return record && request.mode === 'load' ? { state: 'filled', record } : store.open(request)
      },
    }),
  },
  'take that looks for a fresh record': {
    fails: 'take asks to load although the record is fresh',
    change: (store) => ({
      async open(request) {
        const { record } = await store.read(request.key, [])
        return record && request.mode === 'take' ? { state: 'filled', record } : store.open(request)
      },
    }),
  },
  'failures that keep everybody out': {
    fails: 'does not keep anybody from the fence alone',
    change: (store, server) => ({
      async open(request) {
        const fence = fenceOf(server, request.key)
        const isFailed = request.lease === 0 && (fence?.failedUntil ?? 0) > 0
        return fence && isFailed ? { state: 'failed', fence: fence.token } : store.open(request)
      },
    }),
  },
  'commit that stores nothing': { fails: 'commit > stores the record', change: () => ({ commit: async () => true }) },
  'commit in two steps': {
    fails: 'of many with the same fence at once, exactly one is stored',
    change: (store, server) => ({
      async commit(request) {
        const before = server.fences.get(request.key)
        if (fenceOf(server, request.key)?.token !== request.fence) return store.commit(request)
        await Promise.resolve()
        server.fences.set(request.key, before)
        return store.commit(request)
      },
    }),
  },
  'commits lost under load': {
    fails: 'commit > works for many keys at once',
    change(store) {
      let running = 0
      return {
        async commit(request) {
          if (++running > 100) return true
          const stored = await store.commit(request)
          running--
          return stored
        },
      }
    },
  },
}
