import { createCache, systemClock } from '@shelflife/core'
import type { ResponseCacheOptions } from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import type { Env, Hono } from 'hono'
import { afterEach, expect } from 'vitest'

import { cacheResponses } from '../src/index.ts'
import type { Asked, Got, Served } from './serve-app.ts'
import { ask, serveApp } from './serve-app.ts'

const listening: Served[] = []

afterEach(async () => {
  for (const one of listening.splice(0)) await one.close()
})

/** Puts an app up until the test ends; the URL. */
export async function listen<E extends Env>(app: Hono<E>): Promise<string> {
  const served = await serveApp(app)
  listening.push(served)
  return served.url
}

/** A cache of responses whose clock can be moved on. */
export function openShop(options: Partial<ResponseCacheOptions> = {}) {
  let moved = 0
  const clock = { now: () => systemClock.now() + moved, after: systemClock.after }
  const shop = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
  return {
    shop,
    ...cacheResponses({ cache: shop, onUnkeyedInput: () => {}, ...options }),
    /** Milliseconds. */
    moveOn(by: number) {
      moved += by
    },
  }
}

/** Asks until the answer comes from the store: a response is stored a little after its first client has it. */
export async function hit(url: string, asked?: Asked): Promise<Got> {
  let got = await ask(url, asked)
  await expect
    .poll(async () => (got = await ask(url, asked)).header('cache-status'), { interval: 5 })
    .toMatch(/^shelflife;hit/)
  return got
}
