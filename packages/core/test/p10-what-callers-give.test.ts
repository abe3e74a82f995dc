import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

const MIB = 2 ** 20

/** By how many bytes the heap of a process of its own grows from `setUp` to the end of `use`. */
async function growth(setUp: string, use: string): Promise<number> {
  const program = `
    import { createReferenceServer } from '@shelflife/conformance'
    import { createCache } from '@shelflife/core'
    import { memoryStore } from '@shelflife/memory'
    const heap = () => { gc(); gc(); return process.memoryUsage().heapUsed }
    const store = memoryStore({ maxEntries: 10 })
    const cache = createCache({ namespace: 'p10', store })
    /** What a regular expression finds in a body of 200 kB, which is garbage afterwards. */
    const cutOut = (i) => /token=(.{32})/.exec(Buffer.alloc(200_000, 'x').toString() + 'token=' + String(i).padStart(32, '0'))[1]
    ${setUp}
    const before = heap()
    ${use}
    await new Promise(setImmediate)
    const after = heap()
    // in use until here
    if (cache.stats().entries > 10) throw new Error('more is cached than may be')
    process.stdout.write(String(after - before))
  `
  const flags = ['--conditions=@shelflife/source', '--expose-gc', '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: import.meta.dirname, timeout: 110_000 })
  return Number(stdout)
}

describe('a text that was cut out of a large one does not keep that alive', () => {
  const get = `const get = cache.cached(async () => 1, { name: 'value' })`
  const each = (work: string): string => `for (let i = 0; i < 1000; i++) { const text = cutOut(i); ${work} }`
  const remote = `const shared = createCache({ namespace: 'of-some-length', store: createReferenceServer().connect() })`

  test.concurrent.each([
    ['as an argument', get, 'await get(text)'],
    ['as one of two arguments', get, 'await get(1, text)'],
    ['in an object', get, 'await get({ text })'],
    ['as the name of a property', get, 'await get({ [text]: 1 })'],
    [
      'as a part of a text that is put together',
      get,
      'await get("token:" + text); await get({ text: "token:" + text })',
    ],
    ['as a key that is stated', '', 'await cache.set(text, 1); await cache.getOrLoad([text], () => 1)'],
    [
      'as what `key` makes of it',
      `const get = cache.cached(async () => 1, { name: 'value', key: (text) => text })`,
      'await get(text)',
    ],
    [
      'as what is invalidated',
      get,
      'await get.invalidate(text); await cache.invalidate(text); await cache.expire({ text })',
    ],
    [
      'as a tag',
      `const get = cache.cached(async (i) => 1, { name: 'value', tags: (i, text) => [text] })`,
      'await get(i, text)',
    ],
    ['as a tag that is invalidated', '', 'await cache.invalidateTags([text]); await cache.expireTags(["a/" + text])'],
    [
      'as an argument of a load that fails where there was a value',
      `let isDown = false
       const options = { name: 'value', ttl: 1, staleWhileRevalidate: '1h' }
       const get = cache.cached(async () => { if (isDown) throw new Error('down'); return 1 }, options)`,
      'isDown = false; await get(text); isDown = true; await get.refresh(text).catch(() => {})',
    ],
  ])('%s', { timeout: 120_000 }, async (_, setUp, work) => {
    expect(await growth(setUp, each(work))).toBeLessThan(5 * MIB)
  })

  test('nor does what is left of a key that is too long for a remote store', { timeout: 120_000 }, async () => {
    const use = `for (let i = 0; i < 200; i++) await shared.invalidate(i + 'x'.repeat(200_000))`
    expect(await growth(remote, use)).toBeLessThan(5 * MIB)
  })
})

describe('what is remembered of arguments is bounded for all wrapped functions together', () => {
  const hundred = `
    const wrap = (_, i) => cache.namespace('t' + i).cached(async () => 1, { name: 'value' })
    const gets = (globalThis.inUse = Array.from({ length: 100 }, wrap))
  `
  test.concurrent.each([
    [
      'a hundred functions with ten thousand short keys each',
      hundred,
      'for (const get of gets) for (let id = 0; id < 10_000; id++) get.key("id" + id)',
    ],
    [
      'a hundred functions with thousands of objects each',
      hundred,
      'for (const get of gets) for (let round = 0; round < 2; round++) for (let id = 0; id < 3000; id++) get.key({ id, kind: "kind " + id })',
    ],
    [
      'fifty thousand functions that are gone, and what they were given',
      '',
      `for (let i = 0; i < 50_000; i++) {
         const large = 'x'.repeat(10_000) + i
         const options = { name: 'value', key: i % 2 ? undefined : (id) => [id, large.length] }
         const get = cache.namespace('t' + i).cached(async () => large, options)
         get.key(i)
         get.key({ i })
       }`,
    ],
  ])('%s', { timeout: 120_000 }, async (_, setUp, use) => {
    expect(await growth(setUp, use)).toBeLessThan(15 * MIB)
  })
})
