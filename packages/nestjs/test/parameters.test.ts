import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common'
import type { UnkeyedInput } from '@shelflife/http'
import { describe, expect, test } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

type Loose = Record<string, unknown>

interface AnyRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly params: Loose
  readonly query: Loose
}

const IDS: Readonly<Record<string, string>> = { alice: '1', bob: '2' }

const changing = (change: (request: AnyRequest, who: string) => void): CanActivate => ({
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest<AnyRequest>()
    change(request, request.headers['x-who'] ?? '')
    return true
  },
})

describe.each(PLATFORMS)('on $name', ({ adapter, name: platform }) => {
  async function clients(controller: Parameters<typeof moduleOf>[0][number], prefix?: string) {
    const inputs: string[] = []
    const responses = { onUnkeyedInput: ({ name }: UnkeyedInput) => void inputs.push(name) }
    const { get } = await start(adapter, moduleOf([controller], { responses } as never), {
      configure: (app) => void (prefix && app.setGlobalPrefix(prefix)),
    })
    const as = (who: string, path: string) => get(path, { headers: { 'x-who': who } })
    return { as, inputs }
  }

  test.each<[string, (request: AnyRequest, who: string) => void]>([
    ['what the path has elsewhere', ({ params }, who) => (params['id'] = IDS[who])],
    ['an object', ({ params }, who) => (params['id'] = { who })],
  ])('parameters that a guard has put in the place of those of the path count: %s', async (_name, change) => {
    @Controller()
    class Users {
      @Get('v1/users/:id')
      @UseGuards(changing(change))
      @CacheResponse({ ttl: '1m' })
      one(@Param('id') id: unknown) {
        return { id }
      }
    }
    const { as, inputs } = await clients(Users, '1')
    const [alice, bob] = [await as('alice', '/1/v1/users/me'), await as('bob', '/1/v1/users/me')]
    // one that follows within the pause after a refusal is not looked up
    for (const { cache } of [alice, bob]) expect(cache).toMatch(/^(?:uri-)?miss$/)
    expect(bob.text).not.toBe(alice.text)
    expect(inputs).toEqual(['req.params'])
  })

  // Express 5 makes the query anew for each who asks
  test.runIf(platform === 'Fastify').each<[string, (query: Loose, who: string) => void]>([
    ['the value of another', (query, who) => (query['tenant'] = IDS[who])],
    ['an object', (query, who) => (query['tenant'] = { who })],
  ])('a query that a guard has added to counts: %s', async (_name, change) => {
    @Controller()
    class Users {
      @Get('v1/users')
      @UseGuards(changing(({ query }, who) => change(query, who)))
      @CacheResponse({ ttl: '1m' })
      all(@Query() query: Loose) {
        return query
      }
    }
    const { as, inputs } = await clients(Users)
    const [alice, bob] = [await as('alice', '/v1/users?page=1'), await as('bob', '/v1/users?page=1')]
    expect(bob.text).not.toBe(alice.text)
    expect(inputs).toEqual(['req.query'])
  })

  test('what the router has found counts as little as the URI', async () => {
    @Controller()
    class Users {
      @Get('users/:id')
      @CacheResponse({ ttl: '1m' })
      one(@Param('id') id: string, @Query() query: Loose) {
        return [id, query]
      }
      @Get('flights/:from-:to')
      @CacheResponse({ ttl: '1m' })
      flight(@Param() params: Loose) {
        return params
      }
      @Get('files/*')
      @CacheResponse({ ttl: '1m' })
      file(@Param() params: Loose) {
        return params
      }
    }
    const { as, inputs } = await clients(Users, 'api')
    for (const path of ['users/a%2Fb?page=1&tag=a&tag=b%20c', 'flights/ber-lhr', 'files/a/b/c.txt']) {
      const { text } = await as('alice', `/api/${path}`)
      const { cache, text: second } = await as('bob', `/api/${path}`)
      expect([cache, second]).toEqual(['hit', text])
    }
    expect(inputs).toEqual([])
  })
})
