import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'

import type { CacheOptions } from '../src/index.ts'
import { ask } from './serve-app.ts'
import { listen, openShop } from './shop.ts'

export type AnyEnv = { Variables: Record<string, unknown> }

/** A route behind `in front`, and what clients get of it who are told apart by one header. */
export async function routed(
  front: MiddlewareHandler | readonly MiddlewareHandler[],
  handler: (c: Context<AnyEnv>) => Response | Promise<Response>,
  options: CacheOptions<'dynamic'> = {},
) {
  const noted: string[] = []
  const { cache, moveOn } = openShop({ onUnkeyedInput: ({ name }) => void noted.push(name) })
  const app = new Hono<AnyEnv>()
  app.use(...[front].flat())
  app.get('/', cache({ ttl: '1m', ...options }), handler)
  const url = await listen(app)
  const read = async (headers: Record<string, string> = {}) => {
    const { body, header } = await ask(`${url}/`, { headers })
    return { body, status: header('cache-status'), header }
  }
  return { read, noted, moveOn, url }
}

/** Leaves who asks, as `x-who` says, where `leave` puts it. */
export const leaving =
  (leave: (c: Context, who: string) => void): MiddlewareHandler =>
  async (c, next) => {
    const who = c.req.header('x-who')
    if (who !== undefined) leave(c, who)
    await next()
  }

export const said = (c: Context<AnyEnv>, who: unknown): Response => c.text(`for ${String(who)}`)
