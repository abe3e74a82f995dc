import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import type { InjectFault } from '@shelflife/conformance/upstash'
import { createCache } from '@shelflife/core'
import type { UpstashTarget } from '@shelflife/upstash'
import { upstashStore } from '@shelflife/upstash'
import { expect, onTestFinished, test } from 'vitest'

import { startFront } from './front.ts'

const { front, store } = await startFront()
const budget = { read: 500, write: 500 } as const
const IDS = Array.from({ length: 100 }, (_, id) => id)

/** In front of the service: a body comes in parts of so many bytes, one after so many milliseconds each. */
async function slowLink({ bytes, ms }: { readonly bytes: number; readonly ms: number }): Promise<string> {
  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = '', ...others } = request.headers
    const upstash = Object.entries(others).filter(([name]) => name.startsWith('upstash')) as [string, string][]
    const answer = await fetch(`${front.url}${request.url}`, {
      method: 'POST',
      headers: [['authorization', authorization], ['content-type', 'application/json'], ...upstash],
      body: await text(request),
    })
    const body = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status)
    for (let at = 0; at < body.length; at += bytes) {
      if (at > 0) await sleep(ms)
      response.write(body.subarray(at, at + bytes))
    }
    response.end()
  }
  const server = createServer((request, response) => void relay(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Has a process read at once what another one has stored: how many it loaded, and whether it is well after that. */
async function readAll(namespace: string, target: UpstashTarget, began = (): void => {}) {
  const writer = createCache({ namespace, store: store() })
  const reader = createCache({ namespace, store: upstashStore(target, { budget }) })
  onTestFinished(async () => void (await Promise.all([writer.close(), reader.close()])))
  const options = { name: 'value', ttl: '1h' } as const
  const write = writer.cached(async (_id: number) => randomBytes(2000).toString('hex'), options)
  await Promise.all(IDS.map((id) => write(id)))
  let loads = 0
  const read = reader.cached(async (_id: number) => `loaded ${++loads}`, options)
  // knows which server it is
  await read(0)
  began()
  await Promise.all(IDS.map((id) => read(id)))
  return { loads, ...(await reader.invalidate('other')) }
}

const WELL = { loads: 0, local: true, remote: 'done' }

test('a body that is still coming is no service that is away', { timeout: 60_000 }, async () => {
  // three times what a request may take
  const url = await slowLink({ bytes: 13_000, ms: 150 })
  expect(await readAll('body', { url, token: front.token })).toEqual(WELL)
})

test('answers to others are signs of life for reads that wait for each other', { timeout: 60_000 }, async () => {
  let until = 0
  /** As of a service that carries out one after the other. */
  const inTurn: InjectFault = ({ commands: [command] }) => {
    if (command?.[0] !== 'MGET') return undefined
    const now = performance.now()
    until = Math.max(until, now) + 200
    return { holdBack: until - now }
  }
  const from = performance.now()
  expect(await readAll('others', front, () => void (front.inject = inTurn))).toEqual(WELL)
  // more than a request may take
  expect(until - from).toBeGreaterThan(2 * budget.read)
})
