import { describe, expect, test } from 'vitest'

import { createSource, deferred, quiet } from './deferred.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'

describe.each(setUps)('P1, tags and namespaces, %s', (setUp) => {
  function setUpTagged(tags: readonly string[]) {
    const { cache } = createWorld(setUp).start()
    let begun = 0
    const get = cache.cached(async () => ++begun, { name: 'tagged', tags })
    return { cache, get }
  }

  test.for([
    ['catalog/tv', 'catalog/tv', true],
    ['catalog/tv', 'catalog', true],
    ['catalog/tv/lcd', 'catalog', true],
    ['catalog/tv/lcd', 'catalog/tv', true],
    ['catalog', 'catalog/tv', false],
    ['catalog/tv', 'catalog/tv/lcd', false],
    ['catalog/tv', 'catalog/t', false],
    ['catalog/tv', 'cat', false],
    ['catalog/tv', 'tv', false],
    ['catalog/tv', 'catalog/audio', false],
    ['catalog/tv', 'Catalog/tv', false],
  ] as const)('an entry tagged %s and invalidateTags([%s]): gone is %s', async ([tag, invalidated, isGone]) => {
    const { cache, get } = setUpTagged([tag])
    await get()
    await cache.invalidateTags([invalidated])
    expect(await get()).toBe(isGone ? 2 : 1)
  })

  test('one of several tags is enough, and one of several entries with a tag does not hide the others', async () => {
    const { cache } = createWorld(setUp).start()
    let begun = 0
    const get = cache.cached(async (_id: number) => ++begun, { name: 'tagged', tags: (id) => ['all', `one/${id}`] })
    expect([await get(1), await get(2)]).toEqual([1, 2])
    await cache.invalidateTags(['nothing', 'one/1'])
    expect([await get(2), await get(1)]).toEqual([2, 3])
    await cache.invalidateTags(['all'])
    expect([await get(1), await get(2)]).toEqual([4, 5])
  })

  test('tags given to set and getOrLoad count like those of a wrapper', async () => {
    const { cache } = createWorld(setUp).start()
    await cache.set('set', 1, { tags: ['catalog/tv'] })
    await cache.getOrLoad('loaded', () => 1, { tags: ['catalog/tv'] })
    expect([await cache.get('set'), await cache.get('loaded')]).toEqual([1, 1])
    await cache.invalidateTags(['catalog'])
    expect([await cache.get('set'), await cache.get('loaded')]).toEqual([undefined, undefined])
  })

  describe('a tag that is named only during the load', () => {
    function setUpLate() {
      const { cache } = createWorld(setUp).start()
      const [toName, toEnd] = [deferred(), deferred()]
      let begun = 0
      const get = cache.cached(
        async (context) => {
          const value = ++begun
          if (value === 1) await toName.promise
          context.tag('late/tag')
          if (value === 1) await toEnd.promise
          return value
        },
        { name: 'late', context: true },
      )
      return { cache, get, toName, toEnd }
    }

    test.each(['late/tag', 'late'])('and invalidated (%s) before it is named', async (tag) => {
      const { cache, get, toName, toEnd } = setUpLate()
      const first = get()
      await quiet()
      await cache.invalidateTags([tag])
      const second = get()
      await quiet()
      toName.resolve()
      toEnd.resolve()
      expect(await first).toBe(1)
      expect(await second).toBe(2)
      expect(await get()).toBe(2)
    })

    test.each(['late/tag', 'late'])('and invalidated (%s) after it is named', async (tag) => {
      const { cache, get, toName, toEnd } = setUpLate()
      const first = get()
      await quiet()
      toName.resolve()
      await quiet()
      await cache.invalidateTags([tag])
      const second = get()
      await quiet()
      toEnd.resolve()
      expect(await first).toBe(1)
      expect(await second).toBe(2)
      expect(await get()).toBe(2)
    })

    test('and invalidated when the value is there', async () => {
      const { cache, get, toName, toEnd } = setUpLate()
      toName.resolve()
      toEnd.resolve()
      await get()
      expect(await get()).toBe(1)
      await cache.invalidateTags(['late'])
      expect(await get.peek()).toBeUndefined()
      expect(await get()).toBe(2)
    })

    test('and expired during the load: its value is not taken for fresh', async () => {
      const { cache, get, toName, toEnd } = setUpLate()
      const first = get()
      await quiet()
      await cache.expireTags(['late'])
      toName.resolve()
      toEnd.resolve()
      await first
      await get()
      await quiet()
      expect(await get()).toBe(2)
    })
  })

  test('clear reaches the namespaces below and no others', async () => {
    const { cache } = createWorld(setUp).start()
    const [child, sibling] = [cache.namespace('eu'), cache.namespace('us')]
    const grandchild = child.namespace('de')
    const all = [cache, child, grandchild, sibling]
    const values = (): Promise<unknown[]> => Promise.all(all.map((one) => one.get('key')))
    for (const one of all) await one.set('key', 1)
    await child.clear()
    expect(await values()).toEqual([1, undefined, undefined, 1])
    for (const one of all) await one.set('key', 2)
    await cache.clear()
    expect(await values()).toEqual([undefined, undefined, undefined, undefined])
  })

  test('clear of the parent fences off loads in the child, and not those in a sibling', async () => {
    const { cache } = createWorld(setUp).start()
    const { load, runs } = createSource()
    const [child, sibling] = [cache.namespace('eu'), cache.namespace('us')]
    const [first, other] = [child.getOrLoad('key', load), sibling.getOrLoad('key', load)]
    await quiet()
    await child.clear()
    for (const run of runs) run.resolve('old')
    await Promise.all([first, other])
    expect(await child.get('key')).toBeUndefined()
    expect(await sibling.get('key')).toBe('old')
  })

  test('a namespace is not cleared by one whose name begins the same', async () => {
    const { cache } = createWorld(setUp).start()
    await cache.namespace('eu-west').set('key', 1)
    await cache.namespace('eu').clear()
    expect(await cache.namespace('eu-west').get('key')).toBe(1)
  })

  test('the same tag and the same key in two namespaces have nothing to do with each other', async () => {
    const { cache } = createWorld(setUp).start()
    const [eu, us] = [cache.namespace('eu'), cache.namespace('us')]
    for (const one of [cache, eu, us]) await one.set('key', 1, { tags: ['tag'] })
    await eu.invalidateTags(['tag'])
    await us.invalidate('key')
    expect([await cache.get('key'), await eu.get('key'), await us.get('key')]).toEqual([1, undefined, undefined])
  })

  test('a tag that is called like a namespace does not clear it', async () => {
    const { cache } = createWorld(setUp).start()
    await cache.set('key', 1, { tags: ['other'] })
    await cache.namespace('eu').set('key', 1)
    await cache.invalidateTags(['shop', 'shop/eu', 'eu'])
    expect([await cache.get('key'), await cache.namespace('eu').get('key')]).toEqual([1, 1])
  })
})

test.each(withRemote)(
  'P1, %s: clear in a process that has the child alone reaches the child everywhere',
  async (setUp) => {
    const { start } = createWorld(setUp)
    const [parent, child] = [start().cache, start({ namespace: 'shop/eu' }).cache]
    await parent.set('key', 1)
    await parent.namespace('eu').set('key', 1)
    await child.clear()
    await quiet()
    expect([await parent.get('key'), await parent.namespace('eu').get('key')]).toEqual([1, undefined])
    await child.set('key', 2)
    await parent.clear()
    await quiet()
    expect(await child.get('key')).toBeUndefined()
  },
)
