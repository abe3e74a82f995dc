import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { Context, ExecutionContext } from 'hono'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'

import { cacheResponses } from '../src/index.ts'

/** What Workers give with a request: methods that want to be called on it, and what the caller's binding says. */
class Execution {
  readonly props: { readonly who: string }
  readonly request: { readonly who: string }
  respondWith?: () => void
  readonly #kept: Promise<unknown>[] = []
  readonly exports = { other: 'of all' }

  constructor(who: string) {
    this.props = { who }
    this.request = { who }
  }

  waitUntil(work: Promise<unknown>): void {
    this.#kept.push(work)
  }

  passThroughOnException(): void {
    this.#kept.length = 0
  }
}

const WAYS: Readonly<Record<string, [string, (c: Context) => unknown]>> = {
  props: ['c.executionCtx.props', (c) => (c.executionCtx as unknown as Execution).props.who],
  'whether there are any': ['c.executionCtx.props', (c) => 'props' in c.executionCtx],
  'the event': ['c.event.request', (c) => (c.event as unknown as { request: { who: string } }).request.who],
}

function served(handler: (c: Context) => unknown) {
  const shop = createCache({ namespace: 'execution', store: memoryStore() })
  onTestFinished(() => shop.close())
  const noted: string[] = []
  const { cache } = cacheResponses({ cache: shop, onUnkeyedInput: ({ name }) => void noted.push(name) })
  const app = new Hono()
  app.get('/', cache({ ttl: '1m' }), (c) => c.text(`for ${String(handler(c))}`))
  const ask = async (execution: object) => {
    const response = await app.request('/', {}, undefined, execution as ExecutionContext)
    return { body: await response.text(), status: response.headers.get('cache-status') ?? '' }
  }
  return { ask, noted }
}

describe('what whoever calls a Worker says', () => {
  test.each(Object.entries(WAYS))('%s: it counts', async (_name, [path, read]) => {
    const { ask, noted } = served(read)
    for (const who of ['alice', 'bob', 'alice']) {
      const execution = Object.assign(new Execution(who), { respondWith() {} })
      const { body, status } = await ask(execution)
      expect([body, status]).toEqual([
        `for ${String(read({ executionCtx: execution, event: execution } as never))}`,
        expect.not.stringContaining('hit'),
      ])
    }
    expect(noted).toEqual([path])
  })

  test('what all requests are offered may be used', async () => {
    const { ask, noted } = served((c) => {
      c.executionCtx.waitUntil(Promise.resolve())
      c.executionCtx.passThroughOnException()
      return (c.executionCtx as unknown as Execution).exports.other
    })
    const status = async () => (await ask(new Execution('alice'))).status
    await expect.poll(status, { interval: 5 }).toMatch(/^shelflife;hit/)
    expect(noted).toEqual([])
  })
})
