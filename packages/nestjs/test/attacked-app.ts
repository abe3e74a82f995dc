import type { AttackAnswers, AttackReply, AttackRequest, AttackRoute, AttackedServer } from '@shelflife/http-suite'
import { ATTACK_RESPONSES, ATTACK_STORE, createAttackAnswers } from '@shelflife/http-suite'
import { createCache } from '@shelflife/core'
import type { Decisions } from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import type { INestApplication, Type } from '@nestjs/common'
import { Controller, Get, HttpException, Module, Post, Req, Res } from '@nestjs/common'
import type { ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

import { CacheDecisions, CacheInvalidate, CacheModule, CacheResponse } from '../src/index.ts'
import type { Adapter } from './platforms.ts'
import { listen } from './platforms.ts'

interface AnyRequest {
  readonly method: string
  readonly originalUrl: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, unknown>>
}

interface FastifyReply {
  readonly raw: ServerResponse
  code(status: number): unknown
  header(name: string, value: string | readonly string[]): unknown
  send(body?: unknown): unknown
}

const textOf = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' || first === undefined ? first : JSON.stringify(first)
}

const seen = (request: AnyRequest): AttackRequest => ({
  method: request.method,
  url: request.originalUrl,
  header: (name) => request.headers[name],
  query: (name) => textOf(request.query[name]),
})

const readable = (body: AttackReply['body']) =>
  body instanceof ReadableStream ? Readable.fromWeb(body as NodeReadableStream<Uint8Array>) : body

function replyByNode(res: ServerResponse, { status = 200, headers = [], body }: AttackReply): void {
  res.statusCode = status
  for (const [name, value] of headers) res.appendHeader(name, value)
  const content = readable(body)
  if (!(content instanceof Readable)) return void res.end(content)
  res.flushHeaders()
  pipeline(content, res, () => {})
}

function replyByFastify(reply: FastifyReply, { status = 200, headers = [], body }: AttackReply): void {
  reply.code(status)
  const all = new Map<string, string[]>()
  for (const [name, value] of headers) all.set(name.toLowerCase(), [...(all.get(name.toLowerCase()) ?? []), value])
  for (const [name, lines] of all) reply.header(name, lines.length === 1 ? lines[0]! : lines)
  const content = readable(body)
  reply.send(content instanceof Uint8Array ? Buffer.from(content) : content)
}

/** One controller a route, as the decorators have it. */
function controllerOf(route: AttackRoute, answers: AttackAnswers): Type {
  const { path } = route
  const none: MethodDecorator = () => {}
  const caches = route.cache ? CacheResponse(route.cache) : none
  const { tags } = route.invalidates ?? { tags: [] }

  @Controller()
  class AttackedController {
    @(route.method === 'GET' ? Get(path) : Post(path))
    @caches
    @CacheInvalidate({ tags })
    async answer(
      @Req() request: AnyRequest,
      @Res() response: ServerResponse | FastifyReply,
      @CacheDecisions() decisions: Decisions,
    ): Promise<void> {
      const given = await answers(route, seen(request)).catch((error: unknown) => {
        throw new HttpException(String(error), 500)
      })
      decisions.tag(...(given.tags ?? []))
      if ('raw' in response) replyByFastify(response, given)
      else replyByNode(response, given)
    }
  }
  return AttackedController
}

/** Fastify refuses bodies that nobody parses, before any handler. */
function takeAnyBody(app: INestApplication): void {
  const instance = app.getHttpAdapter().getInstance() as {
    addContentTypeParser?(
      type: string,
      parse: (request: unknown, payload: Readable, done: (error: null) => void) => void,
    ): void
  }
  instance.addContentTypeParser?.('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
}

/** The application under attack. */
export async function attackedApp(
  adapter: Adapter,
  routes: readonly AttackRoute[],
  responses: object = ATTACK_RESPONSES,
): Promise<AttackedServer> {
  const cache = createCache({ namespace: 'attacked', store: memoryStore(ATTACK_STORE) })
  const answers = createAttackAnswers(() => cache.stats())

  @Module({
    imports: [CacheModule.forRoot({ cache, responses })],
    controllers: routes.map((route) => controllerOf(route, answers)),
  })
  class AttackedModule {}

  const { app, url } = await listen(adapter, AttackedModule, { configure: takeAnyBody })
  return {
    origin: url,
    async close() {
      await app.close()
      await cache.close()
    },
  }
}
