import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

import type { Served } from './serve-app.ts'

/** Puts the app of `worker.ts` up in workerd, on a free port of the loopback interface. */
export async function serveWorker(): Promise<Served> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@shelflife/source', 'workerd', 'worker'],
    external: ['cloudflare:workers'],
    write: false,
  })
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]!.text,
    compatibilityDate: '2026-07-01',
    // the worker itself, without what miniflare puts in front of it
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  })
  await worker.ready
  const { origin } = await worker.unsafeGetDirectURL()
  return { url: origin, close: () => worker.dispose() }
}
