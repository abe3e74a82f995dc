import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ALL_CASES } from '../src/all-cases.ts'
import type { Origin } from '../src/origin.ts'
import { startOrigin } from '../src/origin.ts'
import { startCases } from '../src/run-cases.ts'
import { BROKEN_CACHES } from './broken/broken-caches.ts'
import { mountReferenceCache } from './reference-cache.ts'

describe('describeSharedCache notices a cache that', () => {
  let origin: Origin
  beforeAll(async () => {
    origin = await startOrigin()
  })
  afterAll(() => origin.close())

  for (const [mistake, { fails, change }] of Object.entries(BROKEN_CACHES)) {
    test.concurrent(mistake, async () => {
      const { url, close } = await mountReferenceCache(origin.url, change)
      const cases = ALL_CASES.filter(({ title }) => fails.includes(title))
      const outcomes = await Promise.all(startCases(cases, { url, origin, expectation: 'rfc9111' }))
      await close()
      const noticed = cases.flatMap(({ title }, i) => (outcomes[i] === undefined ? [] : [title]))
      expect(noticed.toSorted()).toEqual([...fails].toSorted())
    })
  }
})

describe('describeSharedCache', () => {
  test('fails every test that needs a stored response where nothing is stored, and says so to vitest', async () => {
    const child = fileURLToPath(new URL('children/run-fixture.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [child, 'no-cache'], { maxBuffer: 2 ** 26 })
    const failed = JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as readonly string[]
    const needed = ALL_CASES.filter(({ steps }) => steps.some(({ from }) => from === 'cache'))
    expect(needed.length).toBeGreaterThan(300)
    expect(failed).toEqual(expect.arrayContaining(needed.map(({ section, title }) => `${section}: ${title}`)))
  }, 60_000)

  test('names no two tests alike', () => {
    const names = ALL_CASES.map(({ section, title }) => `${section}: ${title}`)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })
})
