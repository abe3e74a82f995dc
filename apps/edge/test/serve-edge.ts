import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import type { UpstashFront } from '@shelflife/conformance/upstash'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

/** The API that the Worker stands in front of. */
export interface Origin {
  readonly url: string
  readonly products: Map<string, { readonly id: string; readonly name: string; readonly price: number }>
  /** How long it takes, in milliseconds. */
  delay: number
  /** How often it was asked. */
  count(): number
  close(): Promise<void>
}

export async function startOrigin(): Promise<Origin> {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    const product = origin.products.get(request.url?.split('/').at(-1) ?? '')
    setTimeout(() => {
      response.writeHead(product === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(product ?? {}))
    }, origin.delay)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin: Origin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    products: new Map(),
    delay: 0,
    count: () => asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return origin
}

export const SECRET = 'webhook-secret'

/** One isolate. */
export interface Edge {
  readonly url: string
  close(): Promise<void>
}

export async function serveEdge(origin: Origin, front: UpstashFront): Promise<Edge> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/worker.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@shelflife/source', 'workerd', 'worker'],
    external: ['cloudflare:workers'],
    write: false,
  })
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-07-01',
    bindings: {
      ORIGIN: origin.url,
      UPSTASH_REDIS_REST_URL: front.url,
      UPSTASH_REDIS_REST_TOKEN: front.token,
      WEBHOOK_SECRET: SECRET,
    },
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  })
  await worker.ready
  const { origin: url } = await worker.unsafeGetDirectURL()
  return { url, close: () => worker.dispose() }
}
