import { refuseOption } from '@shelflife/core/integration'
import { ShelflifeError } from '@shelflife/core'
import type { AddressInfo } from 'node:net'

import type { HttpBindings } from '@hono/node-server'
import { createAdaptorServer } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'

import { withChecks } from './checked-properties.ts'
import type { InjectFault, RestFault } from './rest-fault.ts'
import { checkFault } from './rest-fault.ts'
import type { RestRedis } from './rest-redis.ts'
import { connectRestRedis } from './rest-redis.ts'
import type { RestEncoding, RestReply } from './rest-reply.ts'
import { jsonOf, resp2Of } from './rest-reply.ts'
import type { RestCommand } from './rest-request.ts'
import { commandInBody, commandInPath, commandsInBody, NotACommand } from './rest-request.ts'

export interface UpstashFrontOptions {
  /** URL of the Redis behind it, such as `redis://127.0.0.1:6379`. */
  readonly redis: string
  /** What a client has to present. Default: one made up. */
  readonly token?: string
  /** A larger request is answered with 413. Default 10 MiB, as the service has it. */
  readonly maxRequestBytes?: number
}

/** Redis over HTTP, as Upstash describes it. */
export interface UpstashFront {
  /** `http://127.0.0.1:…` */
  readonly url: string
  readonly token: string
  /**
   * Asked before each request is carried out; may be changed at any time. Default: none. What is no fault is answered with 500,
   * and what it must be.
   *
   * @throws ShelflifeError `invalid-option` for what is no function
   */
  inject: InjectFault | undefined
  /** Ends all connections and takes no more. May be called again. */
  stop(): Promise<void>
}

interface Env {
  readonly Bindings: HttpBindings
}
type Run = 'one' | 'pipeline' | 'transaction'
interface Form {
  readonly isResp2: boolean
  readonly encoding: RestEncoding
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT']
const MEBIBYTE = 2 ** 20
const pause = (ms = 0): Promise<void> | undefined =>
  ms > 0 ? new Promise((resolve) => void setTimeout(resolve, ms)) : undefined

function formOf(c: Context<Env>): Form {
  const format = c.req.header('upstash-response-format') ?? 'json'
  const isBase64 = c.req.header('upstash-encoding') === 'base64'
  if (format !== 'json' && format !== 'resp2') throw new NotACommand(`ERR unsupported response format: ${format}`)
  if (format === 'resp2' && isBase64) throw new NotACommand('ERR base64 encoding is not permitted with resp2')
  return { isResp2: format === 'resp2', encoding: isBase64 ? 'base64' : 'text' }
}

function present(c: Context<Env>, run: Run, form: Form, replies: readonly RestReply[] | Error): Response {
  if (replies instanceof Error) return c.json(jsonOf(replies, form.encoding), 400)
  const [first = null] = replies
  const status = run === 'one' && first instanceof Error ? 400 : 200
  if (form.isResp2 && run !== 'transaction') {
    const bytes = new Uint8Array(Buffer.concat(replies.map(resp2Of)))
    return c.body(bytes, status, { 'Content-Type': 'application/octet-stream' })
  }
  return c.json(run === 'one' ? jsonOf(first, form.encoding) : replies.map((one) => jsonOf(one, form.encoding)), status)
}

async function carryOut(redis: RestRedis, run: Run, commands: readonly RestCommand[], fault: RestFault) {
  const once = (): Promise<readonly RestReply[] | Error> =>
    run === 'transaction' ? redis.transact(commands) : redis.run(commands)
  await pause(fault.delay)
  const replies = await once()
  if (fault.repeatAfter !== undefined) void Promise.resolve(pause(fault.repeatAfter)).then(once)
  await pause(fault.holdBack)
  return replies
}

function reset(c: Context<Env>): Response {
  c.env.incoming.socket.resetAndDestroy()
  return RESPONSE_ALREADY_SENT
}

/**
 * A server on a free port of 127.0.0.1 that follows the published description of the REST API of Upstash, over a real
 * Redis: bearer token on every path, commands as JSON or in the path, pipelines, transactions, text, base64 and RESP2,
 * sync tokens, subscriptions as server-sent events. Needs `hono`, `@hono/node-server` and `ioredis`.
 *
 * @example
 * const front = await upstashFront({ redis: 'redis://127.0.0.1:6379' })
 * const store = upstashStore({ url: front.url, token: front.token })
 * front.inject = ({ commands }) => (commands[0]?.[0] === 'MGET' ? { drop: 'answer' } : undefined)
 */
export async function upstashFront(options: UpstashFrontOptions): Promise<UpstashFront> {
  const { token = crypto.randomUUID(), maxRequestBytes = 10 * MEBIBYTE } = options
  const redis = connectRestRedis(options.redis)
  const app = new Hono<Env>()
  let answered = 0

  app.use(async (c, next) => {
    const presented = c.req.header('authorization')?.replace(/^Bearer +/i, '') ?? c.req.query('_token')
    if (presented === undefined) return c.json({ error: 'Unauthorized' }, 401)
    if (presented !== token) return c.json({ error: 'WRONGPASS invalid or missing auth token' }, 401)
    if (!METHODS.includes(c.req.method)) return c.json({ error: 'ERR method is not allowed' }, 405)
    await next()
    return undefined
  })
  const tooLarge = (c: Context): Response =>
    c.json({ error: `ERR max request size exceeded. Limit: ${maxRequestBytes} bytes` }, 413)
  app.use(bodyLimit({ maxSize: maxRequestBytes, onError: tooLarge }))

  async function answer(c: Context<Env>, run: Run, parse: (body: Buffer) => readonly RestCommand[]): Promise<Response> {
    const form = formOf(c)
    const body = Buffer.from(await c.req.arrayBuffer())
    const commands = parse(body)
    const fault = front.inject?.({ path: c.req.path, commands, headers: c.req.header(), bytes: body.length }) ?? {}
    checkFault(fault)
    if (fault.answer !== undefined) return new Response(fault.answer.body, fault.answer)
    if (fault.drop === 'request') return reset(c)
    const replies = await carryOut(redis, run, commands, fault)
    if (fault.drop === 'answer') return reset(c)
    c.header('Upstash-Sync-Token', String(++answered))
    return present(c, run, form, replies)
  }

  app.all('/:kind{p?subscribe}/:channel', (c) => {
    const { kind, channel } = c.req.param()
    return streamSSE(c, async (stream) => {
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve))
      const heard = (fields: readonly string[]): void => void stream.writeSSE({ data: fields.join(',') })
      const unsubscribe = await redis.subscribe(kind === 'subscribe' ? 'subscribe' : 'psubscribe', channel, heard)
      await ended
      unsubscribe()
    })
  })
  app.all('/', (c) => answer(c, 'one', (body) => [commandInBody(body)]))
  app.all('/pipeline', (c) => answer(c, 'pipeline', commandsInBody))
  app.all('/multi-exec', (c) => answer(c, 'transaction', commandsInBody))
  app.all('*', (c) => answer(c, 'one', (body) => [commandInPath(new URL(c.req.url), body)]))
  app.onError((error, c) => {
    // whoever writes the test is who asks
    if (error instanceof ShelflifeError) return c.json({ error: `ERR ${error.message}` }, 500)
    if (error instanceof NotACommand) return c.json({ error: error.message }, 400)
    return c.json({ error: 'ERR internal error' }, 500)
  })

  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const own: UpstashFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    inject: undefined,
    async stop() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      if (server.listening) await new Promise<void>((resolve) => void server.close(() => resolve()))
      redis.stop()
    },
  }
  const front = withChecks(own, {
    inject(value) {
      if (value !== undefined && typeof value !== 'function') refuseOption('inject', 'a function or undefined', value)
    },
  })
  return front
}
