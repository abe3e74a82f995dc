import type { Eviction, LocalEntry, LocalStore } from '@shelflife/core'
import type { LocalStoreBounds } from '@shelflife/conformance'

/** What a local store is built from, each part of which can be gone wrong. */
interface Parts {
  readonly bounds: LocalStoreBounds
  readonly entries: Entries
  evict(key: string, reason: Eviction['reason']): void
}

/** A mistake in a local store, and a test of the suite that has to notice it. */
export interface BrokenLocalStore {
  readonly fails: string | readonly string[]
  readonly change: (parts: Parts, store: LocalStore) => Partial<LocalStore>
}

const estimate = (value: unknown): number => (typeof value === 'string' ? value.length : 0)
const sizeOf = (entry: LocalEntry | undefined): number =>
  entry === undefined ? 0 : estimate(entry.value) + entry.tagBytes + 50

/** Keeps count of its bytes whoever changes it. */
class Entries extends Map<string, LocalEntry> {
  bytes = 0

  override set(key: string, entry: LocalEntry): this {
    this.bytes += sizeOf(entry) - sizeOf(this.get(key))
    return super.set(key, entry)
  }

  override delete(key: string): boolean {
    this.bytes -= sizeOf(this.get(key))
    return super.delete(key)
  }

  override clear(): void {
    this.bytes = 0
    super.clear()
  }
}

/** A plain store without mistakes; `change` puts one in. */
export function plainLocalStore(bounds: LocalStoreBounds, change: BrokenLocalStore['change']): LocalStore {
  const entries = new Entries()
  let listener = (_eviction: Eviction): void => {}
  let cancel: (() => void) | undefined
  let isClosed = false

  function evict(key: string, reason: Eviction['reason']): void {
    const entry = entries.get(key)
    entries.delete(key)
    if (entry !== undefined) listener({ key, entry, reason })
  }

  function sweep(): void {
    for (const [key, { keepUntil }] of entries) if (bounds.clock.now() >= keepUntil) evict(key, 'expired')
    cancel = entries.size === 0 ? undefined : bounds.clock.after(10_000, sweep)
  }

  const store: LocalStore = {
    kind: 'local',
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry
    },
    peek: (key) => entries.get(key),
    keys: () => [...entries.keys()],
    set(key, entry) {
      if (isClosed) return
      entries.delete(key)
      if (sizeOf(entry) > bounds.maxBytes) return listener({ key, entry, reason: 'oversized' })
      entries.set(key, entry)
      for (const oldest of entries.keys()) {
        if (entries.size <= bounds.maxEntries && entries.bytes <= bounds.maxBytes) break
        evict(oldest, 'space')
      }
      cancel ??= bounds.clock.after(10_000, sweep)
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    usage: () => ({ entries: entries.size, bytes: entries.bytes }),
    onEvict(heard) {
      listener = heard
    },
    close() {
      isClosed = true
      cancel?.()
      entries.clear()
    },
  }
  return { ...store, ...change({ bounds, entries, evict }, store) }
}

export const BROKEN_LOCAL_STORES: Readonly<Record<string, BrokenLocalStore>> = {
  'another kind': { fails: 'says that it is local', change: () => ({ kind: 'remote' as 'local' }) },
  'values that are copied': {
    fails: 'gives back the very entry and value, at once',
    change: (_parts, store) => ({
      set: (key, entry) => store.set(key, { ...entry, value: structuredClone(entry.value) }),
    }),
  },
  'no empty values': {
    fails: 'keeps any value',
    change: (_parts, store) => ({ set: (key, entry) => (entry.value ? store.set(key, entry) : undefined) }),
  },
  'an object as map': {
    fails: 'keeps apart keys that differ in any way',
    change(_parts, store) {
      const object: Record<string, LocalEntry> = {}
      return {
        get: (key) => object[key],
        peek: (key) => object[key],
        set(key, entry) {
          object[key] = entry
          store.set(key, entry)
        },
      }
    },
  },
  'delete that evicts': {
    fails: 'set replaces, delete removes, and neither is an eviction',
    change: ({ evict }) => ({ delete: (key) => evict(key, 'space') }),
  },
  'clear that evicts': {
    fails: 'clear drops everything, and that is no eviction',
    change: ({ entries, evict }) => ({
      clear() {
        for (const key of entries.keys()) evict(key, 'space')
      },
    }),
  },
  'bytes that only grow': {
    fails: 'usage counts each entry once, by its size',
    change({ entries }, store) {
      let bytes = 0
      return {
        set(key, entry) {
          bytes += sizeOf(entry)
          store.set(key, entry)
        },
        usage: () => ({ entries: entries.size, bytes }),
      }
    },
  },
  'no bound in entries': {
    fails: 'is bounded in entries and reports every one that had to go',
    change: ({ entries }) => ({ set: (key, entry) => void entries.set(key, entry) }),
  },
  'no bound in bytes': {
    fails: 'is bounded in bytes and reports every one that had to go',
    change: ({ entries, evict, bounds }) => ({
      set(key, entry) {
        entries.set(key, entry)
        for (const oldest of entries.keys()) if (entries.size > bounds.maxEntries) evict(oldest, 'space')
      },
    }),
  },
  'no estimate': {
    fails: [
      'is bounded in bytes by what values take in memory, which it estimates',
      'what a remote store keeps compressed counts as what it is here',
    ],
    change: (_parts, store) => ({
      set: (key, entry) => store.set(key, { ...entry, tagBytes: entry.tagBytes - estimate(entry.value) }),
    }),
  },
  'tags for nothing': {
    fails: 'tags that an entry keeps for itself count',
    change: (_parts, store) => ({ set: (key, entry) => store.set(key, { ...entry, tagBytes: 0 }) }),
  },
  'an estimate that throws': {
    fails: 'a value that cannot be looked into fails nobody',
    change: (_parts, store) => ({
      set(key, entry) {
        if (typeof entry.value === 'object' && entry.value !== null) Object.keys(entry.value)
        store.set(key, entry)
      },
    }),
  },
  'an unsized entry that leaves the old one': {
    fails: 'a value that cannot be looked into fails nobody',
    change: ({ evict, entries }, store) => ({
      set(key, entry) {
        store.set(key, entry)
        if (typeof entry.value !== 'object' || entry.value === null) return
        const old = { ...entry, value: 'old' }
        evict(key, 'unsized')
        entries.set(key, old)
      },
    }),
  },
  'an estimate that runs getters': {
    fails: 'runs no code of a value',
    change: (_parts, store) => ({
      set(key, entry) {
        store.set(key, entry)
        if (typeof entry.value === 'object' && entry.value !== null && key !== 'key') JSON.stringify(entry.value)
      },
    }),
  },
  'silent evictions': {
    fails: 'is bounded in entries and reports every one that had to go',
    change: () => ({ onEvict: () => {} }),
  },
  'the first to come is the first to go': {
    fails: 'get counts as a use: what is used stays longer',
    change: ({ entries }) => ({ get: (key) => entries.get(key) }),
  },
  'a look that is a use': {
    fails: 'peek is no use: what is only looked at goes as if it were not',
    change: (_parts, store) => ({ peek: (key) => store.get(key) }),
  },
  'a look at something else': {
    fails: 'peek gives the very entry too, or nothing',
    change: ({ entries }) => ({
      peek: (key) => (entries.has(key) ? { ...(entries.get(key) as LocalEntry) } : undefined),
    }),
  },
  'keys that are a use': {
    fails: 'keys gives each key once, and that is no use of the entries',
    change: ({ entries }, store) => ({
      *keys() {
        for (const key of [...entries.keys()].toReversed()) {
          store.get(key)
          yield key
        }
      },
    }),
  },
  'keys by their place in a list that changes': {
    fails: 'keys leaves out no entry that stays, whatever happens while one goes through them',
    change: ({ entries }) => ({
      *keys() {
        for (let i = 0; i < entries.size; i++) yield [...entries.keys()][i] as string
      },
    }),
  },
  'keys that end with the entry they are at': {
    fails: 'keys leaves out no entry that stays, whatever happens while one goes through them',
    change: ({ entries }) => ({
      *keys() {
        for (const key of entries.keys()) {
          yield key
          if (!entries.has(key)) return
        }
      },
    }),
  },
  'a large entry that leaves the old one': {
    fails: 'what is larger than the store is reported, not kept, and takes the old one with it',
    change: ({ entries, bounds }, store) => ({
      set(key, entry) {
        const old = entries.get(key)
        store.set(key, entry)
        if (sizeOf(entry) > bounds.maxBytes && old !== undefined) entries.set(key, old)
      },
    }),
  },
  'a large entry that empties the store': {
    fails: 'what is larger than the store is reported, not kept, and takes the old one with it',
    change: ({ entries, bounds }, store) => ({
      set(key, entry) {
        if (sizeOf(entry) > bounds.maxBytes) entries.clear()
        store.set(key, entry)
      },
    }),
  },
  'evicts what grows': {
    fails: 'an entry that grows makes room for itself',
    change: ({ entries, evict, bounds }) => ({
      set(key, entry) {
        entries.set(key, entry)
        for (const oldest of entries.keys()) if (entries.bytes > bounds.maxBytes) evict(oldest, 'space')
      },
    }),
  },
  'no sweep': {
    fails: 'takes out what has expired, without anybody asking, and reports it',
    change: ({ entries }) => ({ set: (key, entry) => void entries.set(key, entry) }),
  },
  'a sweep of everything': {
    fails: 'does not take out what has not expired yet',
    change: (_parts, store) => ({
      set: (key, entry) => store.set(key, { ...entry, keepUntil: entry.keepUntil - 1e5 }),
    }),
  },
  'a sweep that happens once': {
    fails: 'goes on: later entries are swept too',
    change: ({ entries, evict, bounds }) => {
      let isScheduled = false
      return {
        set(key, entry) {
          entries.set(key, entry)
          if (isScheduled) return
          isScheduled = true
          bounds.clock.after(100_000, () => {
            for (const [each, { keepUntil }] of entries) if (bounds.clock.now() >= keepUntil) evict(each, 'expired')
          })
        },
      }
    },
  },
  'a sweep of the first thousand': {
    fails: 'looks at all entries, however many, also while they are used and replaced',
    change: (_parts, store) => {
      let sets = 0
      return { set: (key, entry) => store.set(key, sets++ < 1000 ? entry : { ...entry, keepUntil: Infinity }) }
    },
  },
  'a timer for each entry': {
    fails: 'has one timer, however many entries',
    change: ({ entries, evict, bounds }) => ({
      set(key, entry) {
        entries.set(key, entry)
        bounds.clock.after(entry.keepUntil - bounds.clock.now(), () => evict(key, 'expired'))
      },
    }),
  },
  'a timer that replaced entries keep': {
    fails: 'an expired entry that was replaced is not swept',
    change: ({ evict, bounds }, store) => ({
      set(key, entry) {
        store.set(key, entry)
        if (entry.keepUntil < Infinity)
          bounds.clock.after(entry.keepUntil - bounds.clock.now(), () => evict(key, 'expired'))
      },
    }),
  },
  'a timer for nothing': {
    fails: 'an empty store has no timer in the end',
    change({ bounds }) {
      const again = (): void => void bounds.clock.after(10_000, again)
      again()
      return {}
    },
  },
  'close that leaves everything': {
    fails: 'leaves no entry and no timer, and is no eviction',
    change: () => ({ close: () => {} }),
  },
  'close that does not last': {
    fails: 'what is set afterwards is not kept',
    change: ({ entries, bounds }, store) => {
      let isClosed = false
      return {
        set(key, entry) {
          store.set(key, entry)
          if (isClosed) entries.set(key, entry)
          if (isClosed) bounds.clock.after(1000, () => {})
        },
        close() {
          isClosed = true
          store.close()
        },
      }
    },
  },
  'close that cannot be repeated': {
    fails: 'may be repeated',
    change(_parts, store) {
      let isClosed = false
      return {
        close() {
          store.close()
          if (isClosed) throw new Error('closed')
          isClosed = true
        },
      }
    },
  },
}
