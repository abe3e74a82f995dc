import { spawnSync } from 'node:child_process'

import { createReferenceServer } from '@shelflife/conformance'
import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
})

const MINUTE = 60_000

/** A remote store alone answers with its own clock, which is that of this process here. */
const SET_UPS: Readonly<Record<string, () => Cache>> = {
  memory: () => createCache({ namespace: 'fake', store: memoryStore() }),
  remote: () => createCache({ namespace: 'fake', store: createReferenceServer().connect() }),
  'memory and remote': () =>
    createCache({ namespace: 'fake', store: [memoryStore(), createReferenceServer().connect()] }),
}

describe.each(Object.entries(SET_UPS))('fake timers move lifetimes as time would, %s', (_, open) => {
  function counting() {
    let loads = 0
    return open().cached(async (_id: number) => ++loads, { name: 'value', ttl: MINUTE, jitter: 0 })
  }

  test.each<[string, Parameters<typeof vi.useFakeTimers>[0], () => unknown]>([
    ['advanceTimersByTime', undefined, () => vi.advanceTimersByTime(MINUTE)],
    ['advanceTimersByTimeAsync', undefined, () => vi.advanceTimersByTimeAsync(MINUTE)],
    ['setSystemTime', undefined, () => vi.setSystemTime(Number(new Date()) + MINUTE)],
    ['advanceTimersByTime with Date alone', { toFake: ['Date'] }, () => vi.setSystemTime(Number(new Date()) + MINUTE)],
    [
      'with everything',
      { toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'setImmediate', 'hrtime'] },
      () => vi.advanceTimersByTime(MINUTE),
    ],
    ['without performance', { toFake: ['Date', 'setTimeout'] }, () => vi.advanceTimersByTime(MINUTE)],
    ['at another time of the calendar', { now: 0 }, () => vi.advanceTimersByTime(MINUTE)],
  ])('%s', async (_name, options, move) => {
    vi.useFakeTimers(options)
    const get = counting()
    expect(await get(1)).toBe(1)
    expect(await get(1)).toBe(1)
    await move()
    expect(await get(1)).toBe(2)
    for (let i = 0; i < 20; i++) expect(await get(1)).toBe(2)
    await move()
    expect(await get(1)).toBe(3)
  })

  test('a cache that was made before', async () => {
    const get = counting()
    await get(1)
    vi.useFakeTimers()
    expect(await get(1)).toBe(1)
    vi.advanceTimersByTime(MINUTE - 5000)
    expect(await get(1)).toBe(1)
    vi.advanceTimersByTime(5000)
    expect(await get(1)).toBe(2)
    vi.useRealTimers()
    expect(await get(1)).toBe(2)
  })
})

test.each([
  ['Date and setTimeout', `['Date', 'setTimeout']`],
  ['Date', `['Date']`],
])('those of node:test, %s', (_, apis) => {
  const program = `
    import { mock } from 'node:test'
    import { createCache } from '@shelflife/core'
    import { memoryStore } from '@shelflife/memory'
    mock.timers.enable({ apis: ${apis} })
    let loads = 0
    const get = createCache({ namespace: 'fake', store: memoryStore() })
      .cached(async () => ++loads, { name: 'value', ttl: 60_000, jitter: 0 })
    const seen = [await get(), await get()]
    mock.timers.tick(60_000)
    seen.push(await get(), await get())
    mock.timers.setTime(600_000)
    seen.push(await get())
    console.log(seen.join())
  `
  const flags = ['--conditions=@shelflife/source', '--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, flags, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect({ stdout, stderr }).toMatchObject({ stdout: '1,1,2,2,3\n' })
})
