import type { RemoteStore } from '@shelflife/core'
import { describe, expect } from 'vitest'

import { createBusSuite } from './bus-suite.ts'
import { begin, bytes, commit, fill, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG } from './store-suite.ts'

const TYPES = ['invalidate', 'expire', 'invalidateTags', 'expireTags'] as const

export function describeBus(suite: StoreSuite): void {
  const { connect, name, time, eventually } = suite
  const { clock, advance } = time
  const { listen, bussing } = createBusSuite(suite)

  describe('bus', () => {
    for (const type of TYPES) {
      bussing(`${type} tells every other process the names, and nothing else`, async (one, other) => {
        const all = [await listen(other), await listen(await connect())]
        const names = [name('a'), name('b')]
        await one[type](names)
        for (const { messagesOn } of all) {
          await eventually(() => names.every((each) => messagesOn(each).length > 0))
          for (const message of names.flatMap(messagesOn)) {
            expect(message.type).toBe(type)
            expect(names).toEqual(expect.arrayContaining([...message.names]))
            expect(Object.keys(message).toSorted()).toEqual(['names', 'type'])
          }
        }
      })
    }

    bussing('what is not there is told too: others may have it', async (one, other) => {
      const { messagesOn } = await listen(other)
      const names = [name(), name(), name(), name()] as const
      for (const [i, type] of TYPES.entries()) await one[type](names.slice(i, i + 1))
      await eventually(() => names.every((each) => messagesOn(each).length > 0))
    })

    const replacing = {
      'a commit after take': async (one, key) => commit(one, await begin(one, { key, mode: 'take' })),
      'a put': async (one, key) => {
        const grant = await begin(one, { key, mode: 'early' })
        return one.put({ ...grant, envelope: bytes('new'), age: 0, ttl: LONG, keep: LONG })
      },
    } satisfies Record<string, (one: RemoteStore, key: string) => Promise<boolean>>
    for (const [what, replace] of Object.entries(replacing)) {
      bussing(`${what} tells every other process, once it is written`, async (one, other) => {
        const key = name()
        await fill(one, key)
        const found: Promise<string | undefined>[] = []
        const { messagesOn } = await listen(other, ({ messagesOn }) => {
          if (messagesOn(key).length === 1) found.push(textOf(other, key))
        })
        await replace(one, key)
        await eventually(() => messagesOn(key).length > 0)
        expect(messagesOn(key)[0]).toEqual({ type: 'invalidate', names: [key] })
        expect(await found[0]).toBe('new')
      })
    }

    bussing('a message comes after the write', async (one, other) => {
      const [key, stale, tag] = [name(), name(), name()]
      await fill(one, key)
      await fill(one, stale)
      const [id] = (await one.capture({ tags: [tag], keep: LONG })).ids
      const found: Promise<unknown>[] = []
      const { messagesOn } = await listen(other, ({ messagesOn }) => {
        if (messagesOn(key).length === 1) found.push(other.read(key, []).then(({ record }) => record))
        if (messagesOn(tag).length === 1)
          found.push(other.readTags([tag]).then(([now]) => (now === id ? id : undefined)))
        if (messagesOn(stale).length !== 1) return
        found.push(
          other.read(stale, []).then(({ record }) => (record?.freshUntil ?? 0) > clock.now() + 1000 || undefined),
        )
      })
      await one.invalidate([key])
      await one.invalidateTags([tag])
      await one.expire([stale])
      await eventually(() => [key, stale, tag].every((each) => messagesOn(each).length > 0))
      expect(new Set(await Promise.all(found))).toEqual(new Set([undefined]))
    })

    bussing('messages of one process arrive in the order in which they were sent', async (one, other) => {
      const listening = await listen(other)
      const names = Array.from({ length: 30 }, () => name())
      for (const [i, each] of names.entries()) await one[TYPES[i % 4] ?? 'expire']([each])
      await eventually(() => listening.messagesOn(names.at(-1) ?? '').length > 0)
      const order = listening.heard.flatMap((event) => (event.type === 'message' ? event.message.names : []))
      expect(order.filter((each) => names.includes(each))).toEqual(names)
    })

    bussing('names arrive unchanged, however many and whatever characters they have', async (one, other) => {
      const { messagesOn } = await listen(other)
      const odd = ['', 'a b', 'a\0b', 'a\nb', ',', '"', '\\', '{}', '*', 'é', 'e\u0301', '👩‍👩‍👧', 'x'.repeat(2000)]
      const names = [...odd.map((each) => name(each)), ...Array.from({ length: 300 }, () => name())]
      await one.invalidate(names)
      await eventually(() => names.every((each) => messagesOn(each).length > 0))
    })

    bussing('nothing is heard after the listener is stopped', async (one, other) => {
      const listening = await listen(other)
      listening.stop()
      const before = listening.heard.length
      await one.invalidate([name()])
      await advance(500)
      expect(listening.heard).toHaveLength(before)
    })

    bussing('a process that listens again hears what comes then', async (one, other) => {
      const first = await listen(other)
      first.stop()
      await one.invalidate([name()])
      const again = await listen(other)
      const key = name()
      await one.invalidate([key])
      await eventually(() => again.messagesOn(key).length > 0)
    })

    bussing('a closed process does not disturb the others', async (one, other) => {
      const leaving = await connect()
      await listen(leaving)
      const { messagesOn } = await listen(other)
      await leaving.close()
      const key = name()
      await one.invalidate([key])
      await eventually(() => messagesOn(key).length > 0)
    })
  })
}
