import { afterEach, describe, expect, test, vi } from 'vitest'
import { adminToken, json, startApp } from './start-app.ts'

async function ask(url: string, init?: RequestInit) {
  const response = await fetch(url, init)
  const { status, headers } = response
  return { status, headers, cache: headers.get('cache-status'), body: await response.text() }
}

/** Asks until the answer comes from the cache: a response is passed on while it is being stored. */
const warm = (url: string, init?: RequestInit) =>
  vi.waitFor(async () => {
    const answer = await ask(url, init)
    expect(answer).toMatchObject({ cache: hit })
    return answer
  })

const hit: unknown = expect.stringMatching(/^shelflife;hit;ttl=\d+$/)
const stored = 'shelflife;fwd=uri-miss;fwd-status=200;stored'
const loops = { slug: 'loops', author: 'ada', title: 'Loops', text: 'What is to be repeated is said once.' }

describe('reads', () => {
  test.each(['/', '/articles/loops', '/api/articles/loops', '/style.css'])(
    'the second request is answered from the cache, and who has the response already with 304: %s',
    async (path) => {
      const { url, cache } = await startApp()

      const first = await ask(url + path)
      const second = await warm(url + path)
      const third = await ask(url + path, { headers: { 'if-none-match': second.headers.get('etag')! } })

      expect(first).toMatchObject({ status: 200, cache: stored })
      expect(second).toMatchObject({ status: 200, cache: hit, body: first.body })
      expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
      expect(third).toMatchObject({ status: 304, cache: hit, body: '' })
      expect(cache.stats().names['response']).toMatchObject({ loads: 1 })
    },
  )

  test('pages show articles and escape them', async () => {
    const { url, articles } = await startApp()
    await articles.save({ ...loops, title: '<script>' })

    expect((await ask(url)).body).toContain('<a href="/articles/engine">The engine</a>')
    const { headers, body } = await ask(`${url}/articles/loops`)
    expect(headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(body).toContain('<h1>&lt;script&gt;</h1>')
    expect(body).toContain('by Ada Lovelace')
  })

  test('what does not exist is 404', async () => {
    const { url } = await startApp()

    expect(await ask(`${url}/articles/nothing`)).toMatchObject({ status: 404 })
    expect(await ask(`${url}/api/articles/%2f%00`)).toMatchObject({ status: 404 })
  })
})

describe('writes', () => {
  test('a change reaches list, page and JSON before it is answered, and nothing else', async () => {
    const { url } = await startApp()
    const paths = ['/', '/articles/loops', '/articles/l%6fops', '/api/articles/loops']
    for (const path of [...paths, '/articles/engine']) await warm(url + path)

    const changed = await ask(`${url}/api/articles/loops`, json('PUT', { ...loops, title: 'Cycles' }))

    expect(changed).toMatchObject({ status: 204 })
    for (const path of paths) {
      expect(await ask(url + path)).toMatchObject({ cache: stored, body: expect.stringContaining('Cycles') })
    }
    expect(await ask(`${url}/articles/engine`)).toMatchObject({ cache: hit })
  })

  test('a new article is there also for those who asked for it before', async () => {
    const { url } = await startApp()
    await ask(`${url}/articles/cards`)

    await ask(`${url}/api/articles/cards`, json('PUT', { ...loops, title: 'Cards' }))

    expect(await ask(`${url}/articles/cards`)).toMatchObject({ status: 200, body: expect.stringContaining('Cards') })
  })

  test('a new name reaches the pages of all articles that its bearer wrote, and no other', async () => {
    const { url } = await startApp()
    const paths = ['/articles/engine', '/articles/loops', '/articles/compiler']
    for (const path of paths) await warm(url + path)

    await ask(`${url}/api/authors/ada`, json('PUT', { name: 'Ada King' }))

    const [engine, others, compiler] = await Promise.all(paths.map((path) => ask(url + path)))
    expect(engine).toMatchObject({ cache: stored, body: expect.stringContaining('Ada King') })
    expect(others).toMatchObject({ cache: stored, body: expect.stringContaining('Ada King') })
    expect(compiler).toMatchObject({ cache: hit })
  })

  test.each([[{ title: 'Cycles' }], [null], ['Cycles'], [{ ...loops, text: 1 }]])(
    'what is refused changes and invalidates nothing: %j',
    async (body) => {
      const { url } = await startApp()
      await warm(`${url}/articles/loops`)

      expect(await ask(`${url}/api/articles/loops`, json('PUT', body))).toMatchObject({ status: 400 })

      expect(await ask(`${url}/articles/loops`)).toMatchObject({ cache: hit })
    },
  )

  test.each(['/api/articles/loops', '/api/authors/ada'])('a body that is too long is refused: %s', async (path) => {
    const { url } = await startApp()
    const name = 'x'.repeat(100_000)

    expect(await ask(url + path, json('PUT', { ...loops, name }))).toMatchObject({ status: 413 })
  })
})

describe('operation', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  afterEach(() => log.mockClear())

  const authorization = `Bearer ${adminToken}`

  test('health is that of the cache', async () => {
    const { url, cache } = await startApp()

    expect(await ask(`${url}/health`)).toMatchObject({ status: 200 })
    await cache.close()
    expect(await ask(`${url}/health`)).toMatchObject({ status: 503 })
  })

  test('the admin API is for who has the token', async () => {
    const { url } = await startApp()

    expect(await ask(`${url}/admin/cache/stats`)).toMatchObject({ status: 401 })
    const { status, body } = await ask(`${url}/admin/cache/stats`, { headers: { authorization } })
    expect([status, JSON.parse(body)]).toMatchObject([200, { loads: 0, names: { response: { loads: 0 } } }])
  })

  test('an admin invalidates by tag', async () => {
    const { url } = await startApp()
    await warm(`${url}/articles/loops`)
    await warm(`${url}/articles/compiler`)
    const invalidate = `${url}/admin/cache/invalidate`

    expect(await ask(invalidate, json('POST', { tags: ['author/ada'] }))).toMatchObject({ status: 401 })
    expect(await ask(`${url}/articles/loops`)).toMatchObject({ cache: hit })
    expect(await ask(invalidate, json('POST', { tags: ['author/ada'] }, { authorization }))).toMatchObject({
      status: 200,
    })

    const event = { actor: 'admin', action: 'invalidate', target: { tags: ['author/ada'] }, outcome: 'done' }
    expect(log).toHaveBeenLastCalledWith(event)
    expect(await ask(`${url}/articles/loops`)).toMatchObject({ cache: stored })
    expect(await ask(`${url}/articles/compiler`)).toMatchObject({ cache: hit })
  })
})
