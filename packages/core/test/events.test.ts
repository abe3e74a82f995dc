import type { CacheEvents, EventType } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { createEvents } from '../src/events.ts'

const hit: CacheEvents['hit'] = { key: 'shop/a(1)', name: 'a', store: 'local' }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('listening', () => {
  test('a listener hears every event of its type and of no other', () => {
    const { on, sinks } = createEvents()
    const heard: unknown[] = []
    on('hit', (event) => heard.push(event))
    sinks.hit?.(hit)
    sinks.miss?.({ key: 'shop/a(2)', name: 'a' })
    sinks.hit?.({ ...hit, store: 'remote' })
    expect(heard).toEqual([hit, { ...hit, store: 'remote' }])
  })

  test('several listeners hear in the order in which they began to listen', () => {
    const { on, sinks } = createEvents()
    const heard: string[] = []
    on('hit', () => heard.push('first'))
    on('hit', () => heard.push('second'))
    sinks.hit?.(hit)
    expect(heard).toEqual(['first', 'second'])
  })

  test('a listener that has stopped hears nothing, and the others still do', () => {
    const { on, sinks } = createEvents()
    const heard: string[] = []
    const stop = on('hit', () => heard.push('first'))
    on('hit', () => heard.push('second'))
    stop()
    stop()
    sinks.hit?.(hit)
    expect(heard).toEqual(['second'])
  })

  test('while nobody listens there is nothing to call, before and after', () => {
    const { on, sinks } = createEvents()
    expect(Object.keys(sinks)).toEqual([])
    const stop = on('hit', () => {})
    const stopOther = on('hit', () => {})
    expect(Object.keys(sinks)).toEqual(['hit'])
    stop()
    expect(Object.keys(sinks)).toEqual(['hit'])
    stopOther()
    expect(Object.keys(sinks)).toEqual([])
    on('hit', () => {})
    expect(Object.keys(sinks)).toEqual(['hit'])
  })

  test('no event object is made for an event that nobody listens to', () => {
    const { sinks } = createEvents()
    let made = 0
    sinks.hit?.({ ...hit, key: `${++made}` })
    expect(made).toBe(0)
  })

  test('a listener may stop itself and others while it hears', () => {
    const { on, sinks } = createEvents()
    const heard: string[] = []
    const stops: (() => void)[] = []
    stops.push(
      on('hit', () => {
        heard.push('first')
        for (const stop of stops) stop()
      }),
    )
    stops.push(on('hit', () => heard.push('second')))
    sinks.hit?.(hit)
    sinks.hit?.(hit)
    expect(heard).toEqual(['first'])
  })
})

/** A listener that is asynchronous although nobody waits for it. */
const rejecting = (error: Error) => (() => Promise.reject(error)) as () => void

describe('a listener that fails', () => {
  test('when it throws, the others hear and it is reported', () => {
    const { on, sinks } = createEvents()
    const error = new Error('listener')
    const heard: unknown[] = []
    on('backgroundError', (event) => heard.push(event.error))
    on('hit', () => {
      throw error
    })
    on('hit', () => heard.push('second'))
    expect(() => sinks.hit?.(hit)).not.toThrow()
    expect(heard).toEqual([error, 'second'])
  })

  test('when it rejects, nothing is left unhandled and it is reported', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const { on, sinks } = createEvents()
    const error = new Error('listener')
    const heard: unknown[] = []
    on('hit', rejecting(error))
    sinks.hit?.(hit)
    await turn()
    on('backgroundError', (event) => heard.push(event.error))
    sinks.hit?.(hit)
    await turn()
    process.off('unhandledRejection', listen)
    expect(heard).toEqual([error])
    expect(unhandled).toEqual([])
  })

  test('when the one that hears of failures fails itself, it ends there', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const { on, sinks } = createEvents()
    let heard = 0
    on('backgroundError', () => {
      heard++
      throw new Error('thrown')
    })
    on('backgroundError', rejecting(new Error('rejected')))
    sinks.backgroundError?.({ error: new Error('first') })
    await turn()
    process.off('unhandledRejection', listen)
    expect(heard).toBe(1)
    expect(unhandled).toEqual([])
  })
})

const types: readonly EventType[] = [
  'hit',
  'stale',
  'miss',
  'join',
  'wait',
  'load',
  'loadFailure',
  'commit',
  'refuse',
  'skip',
  'evict',
  'invalidate',
  'expire',
  'invalidateTags',
  'expireTags',
  'corrupt',
  'storeError',
  'breaker',
  'gap',
  'backgroundError',
]

describe('of a cache', () => {
  test('listeners that all throw harm no call', async () => {
    const clock = fakeClock()
    const remote = createReferenceServer({ clock }).connect({ clock })
    const cache = createCache({ namespace: 'test', clock, store: [memoryStore({ clock, maxEntries: 2 }), remote] })
    for (const type of types) {
      cache.on(type, () => {
        throw new Error(`listener of ${type}`)
      })
    }
    const load = cache.cached(async (id: number) => (id === 13 ? Promise.reject(new Error('13')) : id), {
      name: 'load',
      tags: ['all'],
    })
    await expect(Promise.all([1, 1, 2, 3, 1].map((id) => load(id)))).resolves.toEqual([1, 1, 2, 3, 1])
    await expect(load(13)).rejects.toThrow('13')
    await expect(load.invalidate(1)).resolves.toEqual({ local: true, remote: 'done' })
    await expect(load.expire(2)).resolves.toEqual({ local: true, remote: 'done' })
    await expect(cache.invalidateTags(['all'])).resolves.toEqual({ local: true, remote: 'done' })
    await expect(cache.clear()).resolves.toEqual({ local: true, remote: 'done' })
    await expect(load(1)).resolves.toBe(1)
    remote.disconnectBus()
    remote.reconnectBus()
    await expect(load(1)).resolves.toBe(1)
    await cache.close()
  })

  test('the events of one call tell its story', async () => {
    const clock = fakeClock()
    const cache = createCache({ namespace: 'test', clock, store: memoryStore({ clock }) })
    const story: unknown[] = []
    for (const type of types) cache.on(type, (event) => story.push([type, event]))
    const load = cache.cached(async (id: number) => id, {
      name: 'load',
      ttl: '1s',
      staleWhileRevalidate: '1m',
      jitter: 0,
    })
    const about = { key: 'test/load(1)', name: 'load' }

    await Promise.all([load(1), load(1)])
    expect(story.splice(0)).toEqual([
      ['join', about],
      ['miss', about],
      ['load', { ...about, duration: 0 }],
      ['commit', about],
      ['miss', about],
    ])
    await load(1)
    expect(story.splice(0)).toEqual([['hit', { ...about, store: 'local' }]])
    clock.advance(1000)
    await load(1)
    await turn()
    expect(story.splice(0)).toEqual([
      ['stale', { ...about, store: 'local', because: 'refreshing' }],
      ['load', { ...about, duration: 0 }],
      ['commit', about],
    ])
    await load.invalidate(1)
    expect(story.splice(0)).toEqual([['invalidate', { names: [about.key], remote: 'none' }]])
    await load.peek(1)
    expect(story).toEqual([])
  })

  test('no event carries a value', async () => {
    const clock = fakeClock()
    const remote = createReferenceServer({ clock }).connect({ clock })
    const cache = createCache({ namespace: 'test', clock, store: [memoryStore({ clock, maxEntries: 1 }), remote] })
    const seen: unknown[] = []
    for (const type of types) cache.on(type, (event) => seen.push(event))
    const load = cache.cached(async (id: number) => ({ id, secret: 'hunter2' }), { name: 'load', ttl: '1s' })
    await Promise.all([load(1), load(1), load(2)])
    await load(1)
    await load.set({ id: 1, secret: 'hunter2' }, 1)
    clock.advance(1000)
    await load(1)
    await turn()
    expect(seen.length).toBeGreaterThan(5)
    expect(JSON.stringify(seen)).not.toContain('hunter2')
    await cache.close()
  })
})
