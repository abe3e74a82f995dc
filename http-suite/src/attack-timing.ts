import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { headOf } from './attack-client.ts'

/** Headers by which caches and frameworks mark what they do in the background. */
const MARKERS = [
  'x-shelflife-refresh',
  'x-shelflife',
  'shelflife-refresh',
  'x-refresh',
  'x-revalidate',
  'x-revalidation',
  'x-prerender-revalidate',
  'x-middleware-subrequest',
  'x-cache-refresh',
  'x-bypass-cache',
  'x-no-cache',
  'x-purge',
  'x-internal',
  'surrogate-control',
  'cdn-cache-control',
  'cache-status',
  'purpose',
  'sec-purpose',
]

/** What comes at the wrong moment, or is no ordinary request. */
export function timingAttacks(client: () => AttackClient): void {
  test('no header makes a request pass for a refresh', async () => {
    const { ask, runs } = client()
    await ask('/refreshing')
    const headers = Object.fromEntries(MARKERS.map((name) => [name, '1']))
    for (const name of MARKERS) await ask('/refreshing', { [name]: 'true' })
    await ask('/refreshing', headers)
    expect(await runs('GET /refreshing')).toBe(1)
    await sleep(1100)
    const stale = await Promise.all(Array.from({ length: 10 }, () => ask('/refreshing', headers)))
    // the refresh may be over before the last of them comes
    for (const { content } of stale) expect(content).toMatch(/^run [12]$/)
    await expect.poll(() => runs('GET /refreshing')).toBe(2)
  })

  for (const [what, target] of [
    ['a tag', '/writing'],
    ['the URI', '/reading'],
  ] as const) {
    test(`what is read after ${what} has been invalidated during a fill is new`, async () => {
      const { ask, runs } = client()
      const before = await runs('GET /reading')
      const old = ask('/reading')
      await expect.poll(() => runs('GET /reading'), { interval: 5 }).toBe(before + 1)
      const { content: written } = await ask(target, {}, { method: 'POST' })
      const answers = await Promise.all([ask('/reading'), ask('/reading')])
      expect((await old).content).not.toBe(written)
      answers.push(await ask('/reading'))
      expect(answers.map(({ content }) => content)).toEqual([written, written, written])
      await ask('/writing', {}, { method: 'POST' })
    })
  }

  test('events are not delayed, not shared and not stored', async () => {
    const { connect, origin, runs } = client()
    const listen = () =>
      new Promise<{ readonly events: string; readonly between: number }>((resolve, reject) => {
        const socket = connect()
        let events = ''
        let first = 0
        socket.on('error', reject)
        socket.on('data', (chunk: Buffer) => {
          events += chunk.toString('latin1')
          if (first === 0 && events.includes('first of')) first = performance.now()
          if (!events.includes('last of')) return
          socket.destroy()
          resolve({ events, between: performance.now() - first })
        })
        socket.write(headOf('/events', { Host: new URL(origin).host, Accept: 'text/event-stream' }))
      })
    const heard = [...(await Promise.all([listen(), listen()])), await listen()]
    for (const { between } of heard) expect(between).toBeGreaterThan(500)
    expect(new Set(heard.map(({ events }) => /first of \d+/.exec(events)?.[0])).size).toBe(3)
    expect(await runs('GET /events')).toBe(3)
  })

  test('a request to upgrade is left alone and leaves nothing behind', async () => {
    const { ask } = client()
    const upgrade = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version': '13',
    }
    const answers = [await ask('/upgrading', upgrade), await ask('/upgrading', upgrade), await ask('/upgrading')]
    expect(answers.map(({ content }) => content)).toEqual(['run 1', 'run 2', 'run 3'])
    expect((await ask('/upgrading', upgrade)).content).toBe('run 4')
    expect((await ask('/upgrading')).content).toBe('run 3')
  })

  test('CONNECT opens nothing and leaves nothing behind', async () => {
    const { ask, raw } = client()
    const before = (await ask('/steady')).content
    const answer = await raw('CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nConnection: close\r\n\r\n')
    expect(answer).not.toMatch(/^HTTP\/1\.1 2/)
    expect((await ask('/steady')).content).toBe(before)
  })
}
