import type { RedisServer } from '@shelflife/test-servers'

import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { SHARED } from './race.ts'
import { settled } from './settled.ts'

const MARK = 'marked-value'

/** Removes every key but those that hold a value, as an eviction may. */
async function evictMetadata(redis: RedisServer): Promise<void> {
  const keys = (await redis.command('KEYS', '*')) as readonly string[]
  for (const key of keys) {
    const text = (await redis.command('GET', key).catch(() => '')) as string | null
    const fields = (await redis.command('HVALS', key).catch(() => [])) as readonly string[]
    if (![text ?? '', ...fields].some((part) => part.includes(MARK))) await redis.command('DEL', key)
  }
}

export const evictedLabel: Race = {
  name: 'what Redis evicted of a tag brings no invalidated entry back',
  layouts: SHARED,
  needs: ['label'],
  async run({ source, redis, start }) {
    const one = await start({ isLabelled: true })
    await one.invalidateLabel()
    for (let i = 0; i < 3; i++) {
      source.value = `${MARK} ${i}`
      await one.read(`key-${i}`)
      await one.invalidateLabel()
    }
    source.value = `${MARK} new`
    await evictMetadata(redis)
    for (let i = 0; i < 3; i++) {
      // each invalidation would count a tag that began at zero up to what an old entry has
      const other = await start({ isLabelled: true })
      for (let key = 0; key < 3; key++) {
        const difference = differs(await other.read(`key-${key}`), source.value)
        if (difference !== undefined) return difference
      }
      await other.invalidateLabel()
      await settled(undefined, 100)
    }
    return undefined
  },
}
