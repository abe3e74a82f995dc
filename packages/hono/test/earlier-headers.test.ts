import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { setCookie } from 'hono/cookie'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

test('what middlewares in front of the cache set goes with each answer anew', async () => {
  const { cache } = openShop()
  const app = new Hono()
  app.use(requestId(), cors({ origin: ['https://a.test', 'https://b.test'] }), secureHeaders())
  app.get('/', cache(), (c) => c.text('hello', 200, { 'X-Own': 'kept' }))
  const url = await listen(app)
  const from = (name: string) => ({ headers: { Origin: `https://${name}.test`, 'X-Request-Id': name } })
  await hit(`${url}/`, from('a'))
  for (const name of ['a', 'b']) {
    const { header } = await ask(`${url}/`, from(name))
    expect(header('cache-status')).toContain('shelflife;hit')
    expect(header('x-request-id')).toBe(name)
    expect(header('access-control-allow-origin')).toBe(`https://${name}.test`)
    expect(header('vary')).toBe('Origin')
    expect(header('x-frame-options')).toBe('SAMEORIGIN')
    expect(header('x-own')).toBe('kept')
  }
  const { header } = await ask(`${url}/`, from('c'))
  expect(header('access-control-allow-origin')).toBe('')
})

test('what is private by something in front stays so beside what is stored', async () => {
  const { cache } = openShop()
  const app = new Hono()
  app.use(async (c, next) => {
    if (c.req.header('x-user') !== undefined) c.header('Cache-Control', 'private, no-store')
    await next()
  })
  app.get('/', cache(), (c) => c.text('page'))
  const url = await listen(app)
  await hit(`${url}/`)
  const alices = await ask(`${url}/`, { headers: { 'X-User': 'alice' } })
  expect([alices.header('cache-status'), alices.header('cache-control')]).toEqual([
    expect.stringContaining('shelflife;hit'),
    'private, no-store',
  ])
  expect((await ask(`${url}/`)).header('cache-control')).toBe('no-cache')
})

test('cookies of earlier middlewares are not stored, and reach the one they are for', async () => {
  const { cache } = openShop()
  let visits = 0
  const app = new Hono()
  app.use(async (c, next) => {
    setCookie(c, 'visit', String(++visits))
    setCookie(c, 'seen', 'yes')
    await next()
  })
  app.get('/', cache(), (c) => c.text('hello'))
  const url = await listen(app)
  await hit(`${url}/`)
  const before = visits
  const { raw, header } = await ask(`${url}/`)
  expect(header('cache-status')).toContain('hit')
  expect(raw.filter((_, i) => raw[i - 1]?.toLowerCase() === 'set-cookie')).toEqual([
    `visit=${before + 1}; Path=/`,
    'seen=yes; Path=/',
  ])
})

test('a cookie of the handler keeps its response from being stored', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono()
  app.use(async (c, next) => {
    setCookie(c, 'visit', '1')
    await next()
  })
  app.get('/', cache(), (c) => {
    setCookie(c, 'run', String(++runs))
    return c.text('hello')
  })
  const url = await listen(app)
  const answers = [await ask(`${url}/`), await ask(`${url}/`)]
  expect(answers.map(({ header }) => header('set-cookie'))).toEqual([
    'visit=1; Path=/, run=1; Path=/',
    'visit=1; Path=/, run=2; Path=/',
  ])
})

test('no-store and Vary count also where an earlier middleware said them', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono()
  app.use('/private', async (c, next) => {
    c.header('Cache-Control', 'no-store')
    await next()
  })
  app.use('/varied', async (c, next) => {
    c.header('Vary', 'Accept-Language')
    await next()
  })
  app.use(cache())
  app.get('/private', (c) => c.text(`run ${++runs}`))
  app.get('/varied', (c) => c.text(`for ${c.req.header('accept-language')}`))
  const url = await listen(app)
  expect([(await ask(`${url}/private`)).body, (await ask(`${url}/private`)).body]).toEqual(['run 1', 'run 2'])
  for (const language of ['de', 'fr']) {
    const { body, header } = await hit(`${url}/varied`, { headers: { 'Accept-Language': language } })
    expect([body, header('vary')]).toEqual([`for ${language}`, 'Accept-Language'])
  }
})

test('what the handler sets wins over what was set earlier, also from the store', async () => {
  const { cache } = openShop()
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('X-Both', 'earlier')
    await next()
  })
  app.get('/', cache(), (c) => c.text('hello', 200, { 'X-Both': 'handler' }))
  const url = await listen(app)
  expect((await ask(`${url}/`)).header('x-both')).toBe('handler')
  expect((await hit(`${url}/`)).header('x-both')).toBe('handler')
})
