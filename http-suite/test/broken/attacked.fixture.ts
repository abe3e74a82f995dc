import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { AttackReply, AttackRequest, AttackRoute } from '../../src/index.ts'
import { createAttackAnswers, describeAttacks } from '../../src/index.ts'

interface Kept {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  body: Buffer
  storedAt: number
}

const MARKED = ['x-shelflife-refresh', 'x-bypass-cache', 'cache-control', 'pragma']

const decoded = (target: string): string => {
  try {
    return decodeURIComponent(target).toLowerCase()
  } catch {
    return target
  }
}

/** By path and query as somebody could understand them, whoever asks, and whatever the host. */
const keyOf = (target: string): string => decoded(target).replaceAll(';', '&').replace(/\?$/, '')

/** A cache that makes every mistake: it shares loads whatever they bring, stores everything, and forgets nothing. */
describeAttacks('every mistake', {
  async mount(routes) {
    const kept = new Map<string, Kept>()
    const loads = new Map<string, Promise<Kept>>()
    const answer = createAttackAnswers(() => ({ entries: kept.size, bytes: 0 }))

    async function load(route: AttackRoute, incoming: IncomingMessage): Promise<Kept> {
      const url = incoming.url ?? '/'
      const query = new URLSearchParams(url.slice(url.indexOf('?')))
      const seen: AttackRequest = {
        method: incoming.method ?? 'GET',
        url,
        header: (name) => incoming.headers[name]?.toString(),
        query: (name) => query.get(name) ?? undefined,
      }
      const reply = await answer(route, seen).catch((): AttackReply => ({ status: 500, body: 'failed' }))
      const chunks: Uint8Array[] = []
      try {
        const body = new Response(reply.body ?? null).body
        if (body !== null) for await (const chunk of body) chunks.push(chunk)
      } catch {
        // half a body is one too
      }
      const headers = (reply.headers ?? []).filter(([name]) => name !== 'Content-Length')
      return { status: reply.status ?? 200, headers, body: Buffer.concat(chunks), storedAt: performance.now() }
    }

    async function read(route: AttackRoute, incoming: IncomingMessage): Promise<Kept> {
      const key = keyOf(incoming.url ?? '')
      const found = kept.get(key)
      const isForced = MARKED.some((name) => name in incoming.headers)
      if (found !== undefined && !isForced && performance.now() - found.storedAt < 1000) return found
      const loading = loads.get(key) ?? load(route, incoming)
      loads.set(key, loading)
      const loaded = await loading
      loads.delete(key)
      kept.set(key, loaded)
      return loaded
    }

    async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
      const path = incoming.url?.replace(/\?.*/, '') ?? ''
      const isBelow = (above: string): boolean => path.startsWith(above.slice(0, -1))
      const route = routes.find((one) => (one.path.endsWith('*') ? isBelow(one.path) : one.path === path))
      if (route === undefined) return void outgoing.writeHead(404).end()
      const reply = await (route.cache === undefined ? load(route, incoming) : read(route, incoming))
      outgoing.writeHead(reply.status, reply.headers.flat())
      outgoing.end(reply.body)
    }

    const server = createServer((incoming, outgoing) => void respond(incoming, outgoing))
    server.on('connect', (_incoming, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        server.closeAllConnections()
        await new Promise((resolve) => void server.close(resolve))
      },
    }
  },
})
