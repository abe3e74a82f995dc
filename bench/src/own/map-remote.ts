import type { CommitRequest, RemoteRecord, RemoteStore } from '@shelflife/core'
import { systemClock } from '@shelflife/core'
import { protocol } from '@shelflife/core/protocol'

/** The least remote store there can be: bytes in a Map of this process, no leases, no bus. */
export function mapRemote(): RemoteStore {
  const records = new Map<string, RemoteRecord>()
  const tags = new Map<string, string>()
  const tagId = (tag: string): string => {
    const id = tags.get(tag) ?? `${crypto.randomUUID()}.0`
    tags.set(tag, id)
    return id
  }
  const drop = async (keys: readonly string[]): Promise<void> => keys.forEach((key) => records.delete(key))
  const dropTags = async (names: readonly string[]): Promise<void> => names.forEach((name) => tags.delete(name))
  async function keep({ key, envelope, age, ttl }: CommitRequest): Promise<true> {
    const createdAt = systemClock.now() - age
    records.set(key, { envelope, createdAt, freshUntil: createdAt + ttl })
    return true
  }
  return {
    kind: 'remote',
    protocol,
    label: 'map',
    leases: false,
    read: async (key, names) => ({ record: records.get(key), ids: names.map((name) => tags.get(name)) }),
    readTags: async (names) => names.map((name) => tags.get(name)),
    open: async () => ({ state: 'granted', fence: '1' }),
    capture: async ({ tags: names }) => ({ ids: names.map(tagId), mark: '' }),
    commit: keep,
    put: keep,
    renew: async () => true,
    release: async () => {},
    settled: async () => {},
    touch: async () => {},
    invalidate: drop,
    expire: drop,
    invalidateTags: dropTags,
    expireTags: dropTags,
    close: async () => {},
  }
}
