import { expect, test, vi } from 'vitest'

import { ORIGIN, serve, settled } from './serve.ts'

/** What a handler waits for. */
function gate() {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

test('RFC 9111 §4: 500 requests at once run the handler once', async () => {
  const { opened, open } = gate()
  const { ask, requests } = serve(
    async (_request, run) => {
      await opened
      return new Response(`run ${run}`)
    },
    { ttl: '1m' },
  )
  const asked = times(500, () => ask('/x'))
  await settled()
  open()
  const answers = await Promise.all(asked)
  expect(requests).toHaveLength(1)
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['run 1']))
  expect(answers.filter(({ cacheStatus }) => cacheStatus.includes('collapsed'))).toHaveLength(499)
})

test('RFC 9111 §5.2.2.7: 500 users at once with a private response run the handler 500 times, side by side', async () => {
  let running = 0
  let most = 0
  const { fetch, requests } = serve(
    async (request) => {
      running++
      most = Math.max(most, running)
      await settled()
      running--
      const user = request.headers.get('authorization') ?? request.headers.get('cookie')
      return new Response(`hello ${user}`, { headers: { 'cache-control': 'private' } })
    },
    { ttl: '1m' },
  )
  for (const header of ['authorization', 'cookie']) {
    most = 0
    const texts = await Promise.all(
      times(500, async (i) => {
        const response = await fetch(new Request(`${ORIGIN}/${header}`, { headers: { [header]: `user=${i}` } }))
        return response.text()
      }),
    )
    expect(texts).toEqual(times(500, (i) => `hello user=${i}`))
    // one is ahead of the others, who have to see that its response is not for them
    expect(most, header).toBeGreaterThanOrEqual(499)
  }
  expect(requests).toHaveLength(1000)
})

test('RFC 9111 §5.2.2.7: 500 anonymous requests with a private response run the handler 500 times, side by side', async () => {
  let running = 0
  let most = 0
  const { ask, requests } = serve(
    async (_request, run) => {
      running++
      most = Math.max(most, running)
      await settled()
      running--
      return new Response(`run ${run}`, { headers: { 'cache-control': 'private' } })
    },
    { ttl: '1m' },
  )
  const answers = await Promise.all(times(500, () => ask('/x')))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(500)
  expect(most).toBeGreaterThanOrEqual(499)
  expect(requests).toHaveLength(500)
})

test('what was not stored of late makes nobody wait for the next one', async () => {
  const gates = [gate(), gate(), gate()]
  const { ask, requests } = serve(
    async (_request, run) => {
      await gates[run - 1]!.opened
      return new Response(`run ${run}`, { headers: { 'cache-control': 'no-store' } })
    },
    { ttl: '1m' },
  )
  gates[0]!.open()
  expect((await ask('/x')).text).toBe('run 1')
  const first = ask('/x')
  await vi.waitFor(() => expect(requests).toHaveLength(2))
  const second = ask('/x')
  gates[2]!.open()
  expect((await second).text).toBe('run 3')
  gates[1]!.open()
  expect((await first).text).toBe('run 2')
})

test('what can be stored again is shared again', async () => {
  const { ask, requests } = serve(
    (_request, run) => new Response(`run ${run}`, { headers: run === 1 ? { 'cache-control': 'no-store' } : {} }),
    { ttl: '1m' },
  )
  await ask('/x')
  await ask('/y')
  await ask('/y')
  expect(requests).toHaveLength(2)
})

test('what is wrong with one request alone makes the next ones wait for each other all the same', async () => {
  const { ask, requests } = serve((_request, run) => new Response(`run ${run}`), { ttl: '1m' })
  expect((await ask('/x', { cookie: 'a=1' })).cacheStatus).toContain('detail=cookie')
  const answers = await Promise.all([ask('/x'), ask('/x'), ask('/x')])
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['run 2']))
  expect(requests).toHaveLength(2)
})

test('the failure of one handler is the answer to its own request only', async () => {
  const { opened, open } = gate()
  const { ask, requests } = serve(
    async (_request, run) => {
      if (run > 1) return new Response(`run ${run}`)
      await opened
      throw new Error('failed')
    },
    { ttl: '1m' },
  )
  const leader = ask('/x')
  const followers = times(5, () => ask('/x'))
  await settled()
  open()
  await expect(leader).rejects.toThrow('failed')
  for (const { status, text } of await Promise.all(followers)) {
    expect(status).toBe(200)
    expect(text).toMatch(/^run [2-6]$/)
  }
  expect(requests.length).toBeLessThanOrEqual(6)
})

test.each([500, 503, 404, 302])('a %i is not shared unless it is stored', async (status) => {
  const { opened, open } = gate()
  const { ask, requests } = serve(
    async (_request, run) => {
      await opened
      return run === 1 ? new Response('first', { status }) : new Response(`run ${run}`)
    },
    { ttl: '1m' },
  )
  const asked = times(4, () => ask('/x'))
  await settled()
  open()
  const firsts = (await Promise.all(asked)).filter(({ text }) => text === 'first')
  expect(firsts).toHaveLength(status === 404 ? 4 : 1)
  expect(requests).toHaveLength(status === 404 ? 1 : 4)
})

test('RFC 9111 §7.3: a response that sets a cookie is not shared', async () => {
  const { ask } = serve((_request, run) => new Response('', { headers: { 'set-cookie': `id=${run}` } }), { ttl: '1m' })
  const answers = await Promise.all(times(5, () => ask('/x')))
  expect(new Set(answers.map(({ headers }) => headers.get('set-cookie'))).size).toBe(5)
})

test('RFC 9111 §4.1: who asks for another variant while one is being made gets its own, made once', async () => {
  const { opened, open } = gate()
  const { ask, requests } = serve(
    async (request) => {
      await opened
      return new Response(request.headers.get('accept-language'), { headers: { vary: 'Accept-Language' } })
    },
    { ttl: '1m' },
  )
  const languages = times(30, (i) => ['de', 'en', 'fr'][i % 3]!)
  const asked = languages.map((language) => ask('/x', { 'accept-language': language }))
  await settled()
  open()
  expect((await Promise.all(asked)).map(({ text }) => text)).toEqual(languages)
  expect(requests).toHaveLength(3)
})

test('who waits for longer than a fill may take asks for itself', async () => {
  const { opened, open } = gate()
  const { ask, pass, requests } = serve(
    async (_request, run) => {
      if (run === 1) await opened
      return new Response(`run ${run}`)
    },
    { ttl: '1m', maxFillTime: '10s' },
  )
  const leader = ask('/x')
  const follower = ask('/x')
  await settled()
  await pass(10_001)
  expect((await follower).text).toBe('run 2')
  open()
  expect((await leader).text).toBe('run 1')
  expect(requests).toHaveLength(2)
})
