import type { INestApplication } from '@nestjs/common'
import { Controller, Get, Module, Param, Query as HttpQuery, Render, UseInterceptors } from '@nestjs/common'
import { Args, GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql'
import type { MercuriusDriverConfig } from '@nestjs/mercurius'
import { MercuriusDriver } from '@nestjs/mercurius'
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { WsAdapter } from '@nestjs/platform-ws'
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { memoryStore } from '@shelflife/memory'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { lastValueFrom, timeout } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'

import { Cached, CacheInterceptor, CacheInvalidate, CacheKey, CacheModule, CacheResponse } from '../src/index.ts'
import { PLATFORMS, start } from './platforms.ts'

const caching = () => CacheModule.forRoot({ namespace: 'test', store: memoryStore() })

const SCHEMA = [
  'type Query { thing(id: Int!): String!, plain: String! }',
  'type Mutation { change(id: Int!): String! }',
]

test('resolvers are cached by value, and @CacheResponse does nothing to them', async () => {
  let runs = 0
  @Resolver()
  @CacheResponse({ ttl: '1m' })
  class Things {
    @Query('thing')
    @Cached({ tags: (id: number) => [`thing:${id}`] })
    async thing(@Args('id') id: number): Promise<string> {
      return `${id}: ${++runs}`
    }
    @Query('plain')
    plain(): string {
      return `plain ${++runs}`
    }
    @Mutation('change')
    @CacheInvalidate({ tags: (id: number) => [`thing:${id}`] })
    async change(@Args('id') _id: number): Promise<string> {
      return 'changed'
    }
  }
  @Module({
    imports: [caching(), GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, typeDefs: SCHEMA })],
    providers: [Things],
  })
  class GraphModule {}
  const { get } = await start(PLATFORMS[1].adapter, GraphModule)
  const ask = async (query: string) => {
    const body = JSON.stringify({ query })
    const { text } = await get('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return JSON.parse(text) as unknown
  }
  expect(await ask('{ thing(id: 1) }')).toEqual({ data: { thing: '1: 1' } })
  expect(await ask('{ thing(id: 1) }')).toEqual({ data: { thing: '1: 1' } })
  expect(await ask('mutation { change(id: 1) }')).toEqual({ data: { change: 'changed' } })
  expect(await ask('{ thing(id: 1) }')).toEqual({ data: { thing: '1: 2' } })
  expect(await ask('{ plain }')).toEqual({ data: { plain: 'plain 3' } })
  expect(await ask('{ plain }')).toEqual({ data: { plain: 'plain 4' } })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

@Controller()
@CacheResponse({ ttl: '1m' })
class Messages {
  runs = 0
  @MessagePattern('cached')
  @Cached()
  async cached(@Payload() id: number) {
    return `${id}: ${++this.runs}`
  }
  @MessagePattern('plain')
  plain() {
    return `plain ${++this.runs}`
  }
  @MessagePattern('keyed')
  @UseInterceptors(CacheInterceptor)
  @CacheKey('keyed')
  keyed() {
    return `keyed ${++this.runs}`
  }
}

test('message handlers are cached by value or by @CacheKey, and @CacheResponse does nothing to them', async () => {
  @Module({ imports: [caching()], controllers: [Messages] })
  class MessageModule {}
  const port = await freePort()
  const options = { host: '127.0.0.1', port }
  await start(PLATFORMS[0].adapter, MessageModule, {
    async configure(app: INestApplication) {
      app.connectMicroservice({ transport: Transport.TCP, options }, { inheritAppConfig: true })
      await app.startAllMicroservices()
    },
  })
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options })
  onTestFinished(() => client.close())
  const ask = (pattern: string, data: unknown = {}) =>
    lastValueFrom(client.send<string>(pattern, data).pipe(timeout(5000)))
  expect([await ask('cached', 1), await ask('cached', 1), await ask('cached', 2)]).toEqual(['1: 1', '1: 1', '2: 2'])
  expect([await ask('plain'), await ask('plain')]).toEqual(['plain 3', 'plain 4'])
  expect([await ask('keyed'), await ask('keyed')]).toEqual(['keyed 5', 'keyed 5'])
})

test('gateways answer as without a cache', async () => {
  let runs = 0
  @WebSocketGateway()
  @CacheResponse({ ttl: '1m' })
  class Gateway {
    @SubscribeMessage('ask')
    ask(@MessageBody() data: string) {
      return { event: 'told', data: `${data} ${++runs}` }
    }
  }
  @Module({ imports: [caching()], providers: [Gateway] })
  class SocketModule {}
  const { url } = await start(PLATFORMS[0].adapter, SocketModule, {
    configure: (app) => void app.useWebSocketAdapter(new WsAdapter(app)),
  })
  const socket = new WebSocket(url.replace('http', 'ws'))
  onTestFinished(() => socket.close())
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  const told: unknown[] = []
  socket.addEventListener('message', ({ data }) => told.push(JSON.parse(data as string)))
  for (const data of ['a', 'a']) socket.send(JSON.stringify({ event: 'ask', data }))
  await expect
    .poll(() => told)
    .toEqual([
      { event: 'told', data: 'a 1' },
      { event: 'told', data: 'a 2' },
    ])
})

test('a view that is rendered is stored as bytes', async () => {
  let runs = 0
  @Controller()
  class Views {
    @Get('view')
    @Render('page.txt')
    @CacheResponse({ ttl: '1m' })
    view(@HttpQuery('name') name: string) {
      return { name, run: ++runs }
    }
  }
  @Module({ imports: [caching()], controllers: [Views] })
  class ViewModule {}
  const { get } = await start(PLATFORMS[0].adapter, ViewModule, {
    configure(app) {
      const express = app as NestExpressApplication
      express.engine('txt', (_path: string, values: object, done: (error: null, text: string) => void) => {
        const { name, run } = values as { name: string; run: number }
        done(null, `${name} ${run}`)
      })
      express.setBaseViewsDir(import.meta.dirname)
    },
  })
  for (const _ of [1, 2]) expect((await get('/view?name=x')).text).toBe('x 1')
  expect((await get('/view?name=y')).text).toBe('y 2')
})

test('a hook of Fastify that answers or adds headers keeps its part', async () => {
  let runs = 0
  @Controller()
  class Hooked {
    @Get('hooked/:id')
    @CacheResponse({ ttl: '1m' })
    hooked(@Param('id') id: string) {
      return { id, run: ++runs }
    }
  }
  @Module({ imports: [caching()], controllers: [Hooked] })
  class HookModule {}
  const adapter = new FastifyAdapter()
  let served = 0
  const responses: number[] = []
  adapter.getInstance().addHook('onRequest', async (_request, reply) => {
    reply.header('x-served', String(++served))
  })
  adapter.getInstance().addHook('onResponse', async (_request, reply) => void responses.push(reply.statusCode))
  const { get } = await start(() => adapter, HookModule)
  const miss = await get('/hooked/1')
  const hit = await get('/hooked/1')
  expect([miss.headers.get('x-served'), hit.headers.get('x-served')]).toEqual(['1', '2'])
  expect([hit.cache, hit.text]).toEqual(['hit', miss.text])
  await expect.poll(() => responses).toEqual([200, 200])
})
