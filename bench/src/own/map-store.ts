import type { LocalEntry, LocalStore } from '@shelflife/core'

/** The least local store there can be. */
export function mapStore(): LocalStore {
  const entries = new Map<string, LocalEntry>()
  return {
    get: (key) => entries.get(key),
    peek: (key) => entries.get(key),
    keys: () => entries.keys(),
    set: (key, entry) => void entries.set(key, entry),
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    usage: () => ({ entries: entries.size, bytes: 0 }),
    onEvict: () => {},
    close: () => entries.clear(),
    kind: 'local',
  }
}
