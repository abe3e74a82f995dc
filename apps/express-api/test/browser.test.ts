import { systemClock } from '@shelflife/core'
import { chromiumPath } from '@shelflife/test-servers'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { json, startApp } from './start-app.ts'

// The browser keeps what it gets in a cache of its own, in front of ours.
let browser: Browser
beforeAll(async () => {
  // Chromium has no sandbox for root.
  browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] })
}, 300_000)
afterAll(() => browser?.close(), 60_000)

/**
 * A page with an empty cache. `answered` are the statuses that came over the wire, as the browser tells, and `fromCache` the
 * paths that it did not ask for.
 */
async function openPage() {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const network = await context.newCDPSession(page)
  const answered: number[] = []
  const fromCache: string[] = []
  network.on('Network.responseReceivedExtraInfo', ({ statusCode }) => answered.push(statusCode))
  network.on('Network.responseReceived', ({ response: { url, fromDiskCache } }) => {
    if (fromDiskCache) fromCache.push(new URL(url).pathname)
  })
  await network.send('Network.enable')
  return { page, answered, fromCache, text: () => page.locator('body').innerText() }
}

const SLOW = { timeout: 120_000 }
const lamp = { id: 7, name: 'Black steel lamp', category: 'lamps', price: 900 }

test('what the browser has is asked about, answered with 304, and shown', SLOW, async () => {
  const { url, sent, cache } = await startApp()
  const { page, answered, text } = await openPage()
  const address = `${url}/products/7`
  const first = await page.goto(address)
  const etag = await first!.headerValue('etag')
  await page.goto('about:blank')

  await page.goto(address)
  const again = await text()
  await page.reload()

  expect(etag).toMatch(/^(W\/)?".+"$/)
  expect(sent.filter(({ path }) => path === '/products/7')).toEqual([
    { path: '/products/7', asked: undefined, status: 200 },
    { path: '/products/7', asked: etag, status: 304 },
    { path: '/products/7', asked: etag, status: 304 },
  ])
  expect(answered.filter((status) => status !== 404)).toEqual([200, 304, 304])
  expect([again, await text()].map((shown) => JSON.parse(shown) as unknown)).toEqual([lamp, lamp])
  expect(cache.stats().names['response']).toMatchObject({ loads: 1 })

  await fetch(address, json('PUT', { ...lamp, price: 1 }))
  await page.goto(address)
  expect(JSON.parse(await text())).toEqual({ ...lamp, price: 1 })
})

test('a copy inside browserTtl is used without asking', SLOW, async () => {
  const { url, sent } = await startApp()
  const { page, fromCache, text } = await openPage()
  await page.goto(`${url}/categories`)
  const shown = await text()
  expect(fromCache).toEqual([])
  await page.goto('about:blank')
  await page.goto(`${url}/categories`)

  expect(JSON.parse(shown)).toHaveLength(8)
  expect(await text()).toBe(shown)
  expect(fromCache).toEqual(['/categories'])
  expect(sent.filter(({ path }) => path === '/categories')).toHaveLength(1)
})

test('an old response is shown at once, and the new one on the next load', SLOW, async () => {
  let offset = 0
  const clock = { ...systemClock, now: () => systemClock.now() + offset }
  const runs: string[] = []
  let release = () => {}
  const { url, cache, catalogue } = await startApp({
    clock,
    // Stands around the second run of the handler until the test has seen that nobody waits for it.
    async guard(run, { key }) {
      if (!key.startsWith('catalogue/response')) return run()
      runs.push(key)
      if (runs.length > 1) await new Promise<void>((resolve) => (release = resolve))
      return run()
    },
  })
  onTestFinished(() => release())
  const { page, answered, text } = await openPage()
  const address = `${url}/products/7`
  await page.goto(address)
  // Somebody else writes to the database, and the minute of `dynamic` is over.
  catalogue.changeProduct({ ...lamp, price: 1 })
  await catalogue.getProduct.invalidate(7)
  offset += 90_000

  const stale = await page.goto(address)
  const shown = await text()
  const shownAgain = (await page.reload()) && (await text())

  expect([shown, shownAgain].map((body) => JSON.parse(body!) as unknown)).toEqual([lamp, lamp])
  expect(stale?.headers()).toMatchObject({
    age: expect.stringMatching(/^9\d$/),
    'cache-status': expect.stringMatching(/^shelflife;hit;ttl=-\d+;detail=stale$/),
  })
  expect(runs).toHaveLength(2)

  const kept = new Promise<void>((resolve) => {
    cache.on('commit', ({ key }) => key === runs[1] && resolve())
  })
  release()
  await kept
  await page.goto(address)

  expect(JSON.parse(await text())).toEqual({ ...lamp, price: 1 })
  expect(answered.filter((status) => status !== 404)).toEqual([200, 304, 304, 200])
  expect(runs).toHaveLength(2)
})
