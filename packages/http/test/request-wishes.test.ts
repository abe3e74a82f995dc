import { expect, test } from 'vitest'

import type { Handler } from './serve.ts'
import { serve } from './serve.ts'

const RFC = { profile: 'rfc9111' } as const

const lasting =
  (control: string): Handler =>
  (_request, run) =>
    new Response(`run ${run}`, { headers: { 'cache-control': control, etag: `"${run}"` } })

const control = (value: string) => ({ 'cache-control': value })

test('in `safe`, no wish of a client makes the handler run', async () => {
  const { ask, pass, requests } = serve(lasting('max-age=60'), {})
  await ask('/x')
  await pass(30_000)
  for (const wish of ['no-cache', 'no-store', 'max-age=0', 'max-age=10', 'min-fresh=100', 'only-if-cached']) {
    expect((await ask('/x', control(wish))).text, wish).toBe('run 1')
  }
  expect((await ask('/x', { pragma: 'no-cache' })).text).toBe('run 1')
  expect(requests).toHaveLength(1)
})

test('in `safe`, a client cannot ask for what is too old', async () => {
  const { ask, pass } = serve(lasting('max-age=60'), { staleWhileRevalidate: 0 })
  await ask('/x')
  await pass(61_000)
  expect((await ask('/x', control('max-stale=1000'))).text).toBe('run 2')
})

test('only-if-cached is answered from the store or not at all (RFC 9111 §5.2.1.7)', async () => {
  const { ask, requests } = serve(lasting('max-age=60'), RFC)
  expect((await ask('/x', control('only-if-cached'))).status).toBe(504)
  expect(requests).toHaveLength(0)
  await ask('/x')
  expect((await ask('/x', control('only-if-cached'))).text).toBe('run 1')
})

test.each(['no-cache', 'max-age=10', 'min-fresh=100'])(
  '%s asks the handler when what is stored will not do',
  async (wish) => {
    const { ask, pass, requests } = serve(lasting('max-age=60'), RFC)
    await ask('/x')
    await pass(30_000)
    expect((await ask('/x', control(wish))).text).toBe('run 2')
    expect(requests).toHaveLength(2)
    expect((await ask('/x')).text).toBe('run 2')
  },
)

test('Pragma: no-cache counts where there is no Cache-Control (RFC 9111 §5.4)', async () => {
  const { ask } = serve(lasting('max-age=60'), RFC)
  await ask('/x')
  expect((await ask('/x', { pragma: 'no-cache', ...control('max-age=100') })).text).toBe('run 1')
  expect((await ask('/x', { pragma: 'no-cache' })).text).toBe('run 2')
})

test('max-stale takes what has been stale for so long, unless the response forbids it (RFC 9111 §5.2.1.2)', async () => {
  for (const [stated, wish, text] of [
    ['max-age=60', 'max-stale', 'run 1'],
    ['max-age=60', 'max-stale=30', 'run 1'],
    ['max-age=60', 'max-stale=10', 'run 2'],
    ['max-age=60, must-revalidate', 'max-stale', 'run 2'],
    ['s-maxage=60', 'max-stale', 'run 2'],
  ] as const) {
    const { ask, pass } = serve(lasting(stated), RFC)
    await ask('/x')
    await pass(80_000)
    expect((await ask('/x', control(wish))).text, `${stated} and ${wish}`).toBe(text)
  }
})

test('no-store of a request keeps its response out and does not remove what is there (RFC 9111 §5.2.1.5)', async () => {
  const { ask } = serve(lasting('max-age=60'), RFC)
  expect((await ask('/x', control('no-store'))).cacheStatus).not.toContain('stored')
  expect((await ask('/x')).text).toBe('run 2')
  expect((await ask('/x', control('no-store'))).text).toMatch(/^run [23]$/)
  expect((await ask('/x')).text).toBe('run 2')
})

test('what must be validated each time is asked for each time, and confirmed with a 304', async () => {
  const { ask, requests } = serve(
    ({ headers }, run) =>
      headers.has('if-none-match')
        ? new Response(null, { status: 304, headers: { etag: '"one"', 'cache-control': 'no-cache' } })
        : new Response(`run ${run}`, { headers: { etag: '"one"', 'cache-control': 'no-cache' } }),
    RFC,
  )
  for (let i = 0; i < 3; i++) expect((await ask('/x')).text).toBe('run 1')
  expect(requests).toHaveLength(3)
  const together = await Promise.all([ask('/x'), ask('/x'), ask('/x')])
  expect(together.map(({ text }) => text)).toEqual(['run 1', 'run 1', 'run 1'])
})

test('Authorization is stored for all with public, s-maxage or must-revalidate only (RFC 9111 §3.5)', async () => {
  for (const [stated, isStored] of [
    ['max-age=60', false],
    ['public, max-age=60', true],
    ['s-maxage=60', true],
    ['max-age=60, must-revalidate', true],
  ] as const) {
    const { ask } = serve(lasting(stated), RFC)
    await ask('/x', { authorization: 'Bearer alice' })
    expect((await ask('/x', { authorization: 'Bearer bob' })).text, stated).toBe(isStored ? 'run 1' : 'run 2')
  }
})

test('a stored response without a word for everybody is not for those with Authorization', async () => {
  const { ask } = serve(lasting('max-age=60'), RFC)
  await ask('/x')
  expect((await ask('/x', { authorization: 'Bearer alice' })).text).toBe('run 2')
  expect((await ask('/x')).text).toBe('run 1')
})
