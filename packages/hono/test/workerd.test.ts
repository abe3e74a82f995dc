import { once } from 'node:events'
import { get } from 'node:http'

import { describeAttacks } from '@shelflife/http-suite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Served } from './serve-app.ts'
import { ask, open } from './serve-app.ts'
import { serveWorker } from './serve-worker.ts'
import { hit } from './shop.ts'

describe('on workerd', () => {
  let served: Served
  beforeAll(async () => {
    served = await serveWorker()
  })
  afterAll(() => served.close())

  test('a second request is answered from the store', async () => {
    const url = `${served.url}/counted`
    const first = await ask(url)
    expect([first.body, first.header('cache-status')]).toEqual([
      'run 1',
      'shelflife;fwd=uri-miss;fwd-status=200;stored',
    ])
    const { body, header } = await hit(url)
    expect([body, header('content-type'), header('age')]).toEqual(['run 1', 'text/plain;charset=UTF-8', '0'])
    const { status } = await ask(url, { headers: { 'If-None-Match': header('etag') } })
    expect(status).toBe(304)
  })

  test('a miss is streamed, and stored although its client goes away', async () => {
    const url = `${served.url}/streamed`
    const response = await open(url)
    const chunk = await new Promise((resolve) => response.once('data', resolve))
    expect(String(chunk)).toBe('first ')
    response.destroy()
    expect((await hit(url)).body).toBe('first second run 1')
  })

  test('a handler whose client goes away before it answers answers those who wait for it', async () => {
    const url = `${served.url}/left`
    const left = get(url)
    left.on('error', () => {})
    await once(left, 'finish')
    // the handler runs by now
    await new Promise((resolve) => setTimeout(resolve, 100))
    const followers = [ask(url), ask(url)]
    left.socket!.resetAndDestroy()
    for (const { body } of await Promise.all(followers)) expect(body).toBe('run 1')
    expect((await ask(url)).header('cache-status')).toContain('hit')
  })

  test('requests that come together share one run', async () => {
    const url = `${served.url}/streamed?together`
    const bodies = await Promise.all(Array.from({ length: 10 }, async () => (await ask(url)).body))
    expect(new Set(bodies)).toEqual(new Set(['first second run 2']))
  })

  test("a refresh goes on after the answer, and is nobody's", async () => {
    const url = `${served.url}/refreshed`
    const alice = { headers: { Cookie: 'user=alice' } }
    expect((await ask(url, alice)).body).toBe('run 1 for nobody')
    await expect
      .poll(async () => (await ask(url, alice)).header('cache-status'), { timeout: 5000 })
      .toContain('detail=stale')
    // nobody asks meanwhile: only `waitUntil` keeps the refresh alive
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const { body, header } = await ask(url, alice)
    expect([body, header('cache-status')]).toEqual(['run 2 for nobody', expect.stringContaining('hit')])
  })

  test.each(['whole', 'streamed'])(
    'a cookie that is set in front last keeps what is %s from being stored',
    async (kind) => {
      const url = `${served.url}/session/${kind}`
      const bodies = []
      for (let i = 0; i < 3; i++) {
        const { body, header } = await ask(url)
        expect(header('set-cookie')).toContain('sid=')
        bodies.push(body.slice(-5))
      }
      expect(bodies).toEqual(['run 1', 'run 2', 'run 3'])
    },
  )

  test('where a request comes from is there for the handler, and counts', async () => {
    for (const run of [1, 2]) expect((await ask(`${served.url}/place`)).body).toMatch(new RegExp(`^run ${run}, \\w`))
  })

  test('a body that is encoded already is neither stored nor encoded twice', async () => {
    for (const run of ['1', '2']) {
      const { bytes, header } = await ask(`${served.url}/encoded`, { headers: { 'Accept-Encoding': 'gzip' } })
      expect([...bytes]).toEqual([1, 2, 3])
      expect([header('content-encoding'), header('x-run')]).toEqual(['gzip', run])
      expect(header('cache-status')).toContain('shelflife;fwd=')
    }
  })
})

describeAttacks('Hono on workerd', {
  async mount() {
    const { url, close } = await serveWorker()
    return { origin: url, close }
  },
  // workerd ends a body that breaks off as if it were whole
  areCutsSeen: false,
})
