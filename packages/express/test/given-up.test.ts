import { afterAll, describe, expect, test, vi } from 'vitest'

import { childServer } from './child-server.ts'
import { FRAMEWORKS } from './frameworks.ts'

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const CONDITIONS = {
  'any tag': { 'if-none-match': '*' },
  'a tag': { 'if-none-match': '"1"' },
  'a time': { 'if-modified-since': 'Tue, 01 Jan 2030 00:00:00 GMT' },
} as const

const FILE = 'large '.repeat(2 ** 18)
const kilobytes = (count: number): string[] => Array.from({ length: count }, () => 'x'.repeat(1024))

describe.each(FRAMEWORKS)('$name', ({ name: framework }) => {
  const server = childServer('given-up.ts', framework)
  afterAll(() => server.expectAlive())

  test.each(Object.entries(CONDITIONS))(
    'a body that is not stored is given up for a client that has it already (%s)',
    async (_name, headers) => {
      for (const path of ['/unstored/file', '/unstored/stream']) {
        if (path === '/unstored/file' && 'if-none-match' in headers && headers['if-none-match'] === '"1"') continue
        expect(await server.ask(path, { headers })).toEqual([304, ''])
        await server.expectAlive()
      }
    },
  )

  test('who waits until there is room may go on when nobody reads any more', async () => {
    for (const tag of ['"1"', '*']) {
      expect(await server.ask('/drained', { headers: { 'if-none-match': tag } })).toEqual([304, ''])
      await soon(20)
      await server.expectAlive()
    }
  })

  test('who writes a body that nobody reads is told', async () => {
    const before = Number((await server.ask('/runs'))[1])
    expect(await server.ask('/unstored/endless', { headers: { 'if-none-match': '"1"' } })).toEqual([304, ''])
    await vi.waitFor(async () => expect(await server.ask('/runs')).toEqual([200, String(before + 1)]))
  })

  test('the body of a refresh that has become private is given up', async () => {
    const [status] = await server.ask('/turns-private')
    expect(status).toBe(200)
    await soon(40)
    for (const _ of [1, 2, 3]) expect((await server.ask('/turns-private'))[0]).toBe(200)
    await server.expectAlive()
  })

  test.each(['/files/large.txt', '/logged/large.txt'])(
    'a condition that holds on what is not stored yet does not freeze it: %s',
    async (path) => {
      expect(await server.ask(path, { headers: { 'if-none-match': '*' } })).toEqual([304, ''])
      for (const _ of [1, 2]) {
        expect(await server.ask(path)).toEqual([200, FILE])
      }
    },
  )

  test('a handler hears nothing of the end of an answer that was sent before it was done, and what it makes is stored', async () => {
    const before = Number((await server.ask('/runs'))[1])
    const returning = await Promise.all([1, 2, 3].map(() => server.ask('/slow', { headers: { 'if-none-match': '*' } })))
    expect(returning).toEqual([
      [304, ''],
      [304, ''],
      [304, ''],
    ])
    expect(await server.ask('/slow')).toEqual([200, 'slowly'])
    expect(await server.ask('/slow')).toEqual([200, 'slowly'])
    expect(await server.ask('/runs')).toEqual([200, String(before + 1)])
  })

  describe('a mounted handler', () => {
    const chunks = kilobytes(200)

    test.each(['none', 'some', 'and-cancels'])('may stop reading the body of its request: %s', async (how) => {
      const headers = { connection: 'keep-alive' }
      for (const _ of [1, 2]) {
        expect(await server.ask(`/reads/${how}`, { method: 'POST', chunks, headers })).toEqual([200, 'done'])
      }
      await server.expectAlive()
    })

    test('is not given a body that is too large', async () => {
      expect(await server.ask('/reads/all', { method: 'POST', chunks: kilobytes(32) })).toEqual([200, '32768'])
      expect((await server.ask('/reads/all', { method: 'POST', chunks }))[0]).toBe(413)
      await server.expectAlive()
    })

    test('may be an admin that refuses what is too long', async () => {
      const [status] = await server.ask('/admin/invalidate', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        chunks: ['{"tags":["', ...kilobytes(40), '"]}'],
      })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
      await server.expectAlive()
    })
  })
})
