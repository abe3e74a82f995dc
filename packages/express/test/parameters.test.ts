import type { Express, Request, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'

import { caching } from './caching.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

const IDS: Readonly<Record<string, string>> = { alice: '1', bob: '2' }

type Loose = Record<string, unknown>

describe.each(FRAMEWORKS)('$name', ({ name: version, express }) => {
  /** A route behind something that changes its parameters, and what is told of it. */
  async function routed(pattern: string | RegExp, change: (params: Loose, who: string) => void, wrap = inPlace) {
    const inputs: string[] = []
    const { cache } = caching({ onUnkeyedInput: ({ name }) => void inputs.push(name) })
    const app = express()
    const front: RequestHandler = (req, _res, next) => {
      change(req.params as Loose, req.get('x-who') ?? '')
      next()
    }
    wrap(app, pattern, [front, cache({ ttl: '1m' }), (req: Request, res) => void res.json(req.params)])
    const { get } = await serve(app)
    const as = async (who: string, path: string) => {
      const got = await get(path, { headers: { 'x-who': who } })
      return { params: JSON.parse(got.text) as unknown, status: got.header('cache-status') ?? '' }
    }
    return { as, inputs }
  }

  type Wrap = (app: Express, pattern: string | RegExp, chain: RequestHandler[]) => void
  const inPlace: Wrap = (app, pattern, chain) => void app.get(pattern, ...chain)
  const around: Wrap = (app, pattern, chain) => {
    app.use('/shops/:shop', express.Router({ mergeParams: true }).get(pattern, ...chain))
  }

  test.each<[string, string, (params: Loose, who: string) => void, Wrap?]>([
    ['/v1/users/:id', '/v1/users/me', (params, who) => (params['id'] = IDS[who])],
    ['/v1/:version/users/:id', '/v1/1/users/me', (params, who) => (params['id'] = IDS[who])],
    ['/users/:id', '/shops/1/users/me', (params, who) => (params['id'] = IDS[who]), around],
    ['/users/:id', '/users/me', (params, who) => (params['viewer'] = { who })],
    ['/users/:id', '/users/me', (params, who) => (params['viewer'] = [{ who }])],
    ['/users/:id', '/users/me', (params, who) => (params['viewer'] = who === 'alice')],
    ['/users/:id', '/users/me', (params, who) => (params['viewer'] = who === 'alice' ? '' : 'me')],
    ['/users/:id', '/users/me', (params, who) => (params['viewer'] = who === 'alice' ? undefined : null)],
  ])('what something in front has put among the parameters of %s counts', async (pattern, path, change, wrap) => {
    const { as, inputs } = await routed(pattern, change, wrap)
    const [alice, bob] = [await as('alice', path), await as('bob', path)]
    expect(bob.params).not.toEqual(alice.params)
    expect(bob.status).not.toMatch(/;hit/)
    expect(inputs).toEqual(['req.params'])
  })

  const rest = version === 'Express 4' ? '/files/*' : '/files/*rest'
  const ofRest = version === 'Express 4' ? '0' : 'rest'

  test.each<[string | RegExp, string, (params: Loose) => void, Wrap?]>([
    ['/users/:id', '/users/1', (params) => (params['viewer'] = '1')],
    ['/users/:id', '/users/1', (params) => (params['viewer'] = 'users')],
    ['/users/:id', '/users/1', (params) => (params['id'] = 1)],
    ['/users/:id', '/users/1', (params) => delete params['id']],
    ['/users/:id', '/users/a%2Fb', (params) => (params['id'] = 'a%2Fb')],
    ['/users/:id/posts/:post', '/users/1/posts/2', (params) => (params['id'] = '2')],
    ['/posts/:post', '/shops/1/posts/2', (params) => (params['shop'] = '2'), around],
    ['/posts/:post', '/shops/1/posts/2', (params) => (params['shop'] = 'posts'), around],
    ['/posts/:post', '/shops/1/posts/2', (params) => (params['viewer'] = '1'), around],
    ['/posts', '/shops/1/posts', (params) => (params['viewer'] = '1'), around],
    ['/:from-:to', '/1-2', (params) => (params['viewer'] = '1-2')],
    [rest, '/files/a/b', (params) => (params['viewer'] = 'b')],
    [rest, '/files/a/b', (params) => delete params[ofRest]],
    [rest, '/files/b/b', (params) => (params[ofRest] = version === 'Express 4' ? 'b' : ['b'])],
    [rest, '/files/a/b', (params) => (params[ofRest] = version === 'Express 4' ? 'b/a' : ['b', 'a'])],
    [rest, '/files/a/b', (params) => (params[ofRest] = version === 'Express 4' ? ['a', 'b'] : 'a/b')],
    [/^\/users\/(\d+)$/, '/users/1', (params) => (params['viewer'] = '1')],
    [/^\/users\/(\d+)$/, '/users/1', (params) => delete params['0']],
    [/^\/a\/(\d+)\/(\d+)$/, '/a/1/2', (params) => Object.assign(params, { 0: '2', 1: '1' })],
  ])('what it has done for one client to those of %s (%s) reaches no other', async (pattern, path, change, wrap) => {
    const { as } = await routed(pattern, (params, who) => who === 'alice' && change(params), wrap)
    for (const [first, second] of [
      ['alice', 'bob'],
      ['bob', 'alice'],
    ] as const) {
      const at = `${path}?first=${first}`
      const [one, other] = [await as(first, at), await as(second, at)]
      expect(other.params).not.toEqual(one.params)
      expect(other.status).not.toMatch(/;hit/)
    }
  })

  test.each<[string | RegExp, string, Wrap?]>([
    ['/users/:id', '/users/1'],
    ['/users/:id', '/users/a%2Fb%20c%C3%A4?x=y'],
    ['/users/:id', '/users/1/'],
    ['/users/:id', '/shops/7/users/1', around],
    ['/flights/:from-:to', '/flights/ber-lhr'],
    ['/files/:name.:ext', '/files/report.pdf'],
    [version === 'Express 4' ? '/files/*' : '/files/*rest', '/files/a/b/c.txt'],
    [version === 'Express 4' ? '/files/:id?' : '/files{/:id}', '/files/a'],
    [version === 'Express 4' ? '/files/:id?' : '/files{/:id}', '/files'],
    [version === 'Express 4' ? '/files/*' : '/files/{*rest}', '/files/'],
    [/^\/commits\/(\w+)\.\.(\w+)$/, '/commits/ab12..cd34'],
  ])('what the router has found for %s counts as little as the URI', async (pattern, path, wrap) => {
    const { as, inputs } = await routed(pattern, () => {}, wrap)
    const { params } = await as('alice', path)
    expect(inputs).toEqual([])
    expect(await as('bob', path)).toEqual({ params, status: expect.stringMatching(/;hit/) as string })
  })
})
