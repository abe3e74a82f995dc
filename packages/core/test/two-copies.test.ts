import { createCache, ShelflifeError } from '@shelflife/core'
import { namespaceOf } from '@shelflife/core/integration'
import { createReferenceServer } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { expect, test, vi } from 'vitest'

/** Another copy of all packages, as where a program loads them as modules and as CommonJS, or is made of two bundles. */
async function otherCopy() {
  vi.resetModules()
  const core = await import('@shelflife/core')
  expect(core.createCache).not.toBe(createCache)
  return { ...core, ...(await import('@shelflife/core/integration')), ...(await import('../src/within-load.ts')) }
}

test('a cache of one copy is a cache to the other one', async () => {
  const other = await otherCopy()
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  expect(other.namespaceOf(cache)).toBe('shop')
  expect(namespaceOf(other.createCache({ namespace: 'own', store: memoryStore() }))).toBe('own')
})

test('a store belongs to one cache, whichever copy that is of', async () => {
  const other = await otherCopy()
  const store = memoryStore()
  createCache({ namespace: 'shop', store })
  expect(() => other.createCache({ namespace: 'own', store })).toThrow('no other cache has or had')
})

test('an error of one copy is one to the other', async () => {
  const other = await otherCopy()
  const refused = (): unknown => {
    try {
      return other.createCache({ namespace: '', store: memoryStore() })
    } catch (error) {
      return error
    }
  }
  expect(refused()).toBeInstanceOf(ShelflifeError)
  expect(new TypeError()).not.toBeInstanceOf(ShelflifeError)
  expect([{ name: 'ShelflifeError' }, null, undefined].some((value) => value instanceof ShelflifeError)).toBe(false)
})

test('an error of Shelflife is none of a class that somebody made of it', () => {
  class Own extends ShelflifeError {}
  expect(new ShelflifeError('overloaded', 'too much')).not.toBeInstanceOf(Own)
  expect(new Own('overloaded', 'too much')).toBeInstanceOf(Own)
  expect(new Own('overloaded', 'too much')).toBeInstanceOf(ShelflifeError)
})

test('a load of one copy is a load to the other', async () => {
  const other = await otherCopy()
  const cache = createCache({ namespace: 'shop', store: [memoryStore(), createReferenceServer().connect()] })
  const load = cache.cached(async () => other.isWithinLoad(), { name: 'load' })
  expect(await load()).toBe(true)
  expect(other.isWithinLoad()).toBe(false)
  await cache.close()
})
