import { systemClock } from '@shelflife/core'
import { chromiumPath } from '@shelflife/test-servers'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
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
  return { page, answered, fromCache, heading: () => page.locator('h1').innerText() }
}

const SLOW = { timeout: 120_000 }
const loops = { slug: 'loops', author: 'ada', title: 'Loops', text: 'What is to be repeated is said once.' }

test('what the browser has is asked about, answered with 304, and shown', SLOW, async () => {
  const { url, sent, cache } = await startApp()
  const { page, answered, heading } = await openPage()
  const address = `${url}/articles/loops`
  // A response that is passed on while it is stored has no ETag yet: somebody else came first.
  await vi.waitFor(async () => expect((await fetch(address)).headers.has('etag')).toBe(true))
  sent.length = 0
  const etag = await (await page.goto(address))!.headerValue('etag')
  await page.click('text=All articles')

  await page.click('text=Loops')
  const again = await heading()
  await page.reload()

  expect(etag).toMatch(/^".+"$/)
  expect(sent.filter(({ path }) => path === '/articles/loops')).toEqual([
    { path: '/articles/loops', asked: undefined, status: 200 },
    { path: '/articles/loops', asked: etag, status: 304 },
    { path: '/articles/loops', asked: etag, status: 304 },
  ])
  expect(answered.filter((status) => status === 304)).toHaveLength(2)
  expect([again, await heading()]).toEqual(['Loops', 'Loops'])
  expect(cache.stats().names['response']).toMatchObject({ loads: 3 })

  await fetch(`${url}/api/articles/loops`, json('PUT', { ...loops, title: 'Cycles' }))
  await page.reload()
  expect(await heading()).toBe('Cycles')
})

test('a copy inside browserTtl is used without asking', SLOW, async () => {
  const { url, sent } = await startApp()
  const { page, fromCache } = await openPage()
  const rules = () => page.evaluate('document.styleSheets[0].cssRules.length')

  await page.goto(url)
  expect(await rules()).toBe(3)
  for (const title of ['Loops', 'All articles', 'The compiler']) {
    await page.click(`text=${title}`)
    expect(await rules()).toBe(3)
  }
  expect(fromCache).toEqual([])
  await page.goto(`${url}/style.css`)

  expect(fromCache).toEqual(['/style.css'])
  expect(sent.filter(({ path }) => path === '/style.css')).toHaveLength(1)
})

test('an old page is shown at once, and the new one on the next load', SLOW, async () => {
  let offset = 0
  const clock = { ...systemClock, now: () => systemClock.now() + offset }
  const runs: string[] = []
  let release = () => {}
  const { url, cache, articles } = await startApp({
    clock,
    // Stands around the second run of the handler until the test has seen that nobody waits for it.
    async guard(run, { key }) {
      if (!key.includes('/articles/loops')) return run()
      runs.push(key)
      if (runs.length > 1) await new Promise<void>((resolve) => (release = resolve))
      return run()
    },
  })
  onTestFinished(() => release())
  const kept = (count: number) => vi.waitFor(() => expect(commits).toBe(count))
  let commits = 0
  cache.on('commit', ({ key }) => key === runs[0] && commits++)
  const { page, heading } = await openPage()
  const address = `${url}/articles/loops`
  await page.goto(address)
  await kept(1)
  // Somebody else writes to the database, and the minute of `dynamic` is over.
  await articles.save({ ...loops, title: 'Cycles' })
  offset += 90_000

  const stale = await page.goto(address)
  const shown = await heading()
  await page.reload()

  expect([shown, await heading()]).toEqual(['Loops', 'Loops'])
  expect(stale?.headers()).toMatchObject({
    age: expect.stringMatching(/^9\d$/),
    'cache-status': expect.stringMatching(/^shelflife;hit;ttl=-\d+;detail=stale$/),
  })
  expect(runs).toHaveLength(2)

  release()
  await kept(2)
  await page.goto(address)

  expect(await heading()).toBe('Cycles')
  expect(runs).toHaveLength(2)
})
