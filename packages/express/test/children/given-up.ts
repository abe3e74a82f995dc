import { createCache } from '@shelflife/core'
import { cacheAdmin } from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import type { RequestHandler } from 'express'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { cacheResponses, mount } from '../../src/index.ts'
import { onFinished } from '../libraries.ts'
import { framework, listen } from './listen.ts'

const express = framework()
const app = express()
const shop = createCache({ namespace: 'given-up', store: memoryStore() })
const { cache } = cacheResponses({ cache: shop })

const directory = mkdtempSync(join(tmpdir(), 'shelflife-'))
writeFileSync(join(directory, 'large.txt'), 'large '.repeat(2 ** 18))

const logger: RequestHandler = (_req, res, next) => {
  onFinished(res, () => {})
  next()
}

const large = Buffer.alloc(2 ** 17, 'part ')
const parts = (): Readable => Readable.from([large, large, large, large])
let runs = 0

app.get('/alive', (_req, res) => void res.send('yes'))
app.get('/runs', (_req, res) => void res.send(String(runs)))

app.get('/unstored/file', cache({ ttl: '1m' }), (_req, res) => res.sendFile(join(directory, 'large.txt')))
app.get('/unstored/stream', cache({ ttl: '1m' }), (_req, res) => {
  parts().pipe(res.set('Cache-Control', 'private').set('ETag', '"1"').set('Last-Modified', new Date(0).toUTCString()))
})
app.get('/unstored/endless', cache({ ttl: '1m' }), (_req, res) => {
  res.set('Cache-Control', 'private').set('ETag', '"1"')
  const timer = setInterval(() => res.write(large), 1)
  res.on('close', () => {
    clearInterval(timer)
    runs++
  })
})

// as the documentation of Node has it, and more than is stored
app.get('/drained', cache({ ttl: '1m' }), (_req, res) => {
  res.set('ETag', '"1"')
  let left = 40
  const write = (): void => {
    while (left-- > 0) if (!res.write(large)) return void res.once('drain', write)
    res.end()
  }
  write()
})

let refreshes = 0
app.get('/turns-private', cache({ ttl: 20, staleWhileRevalidate: '1m' }), (_req, res) => {
  if (++refreshes > 1) res.set('Cache-Control', 'private')
  parts().pipe(res)
})

app.use('/files', cache({ ttl: '1m' }), express.static(directory, { maxAge: '1m' }))
app.use('/logged', logger, cache({ ttl: '1m' }), express.static(directory, { maxAge: '1m' }))
app.get('/slow', cache({ ttl: '1m' }), (req, res) => {
  runs++
  let isFinished = false
  for (const event of ['finish', 'close'] as const) res.on(event, () => (isFinished = true))
  req.on('close', () => (isFinished = true))
  res.set('ETag', '"1"').write('slow')
  setTimeout(() => {
    if (isFinished || res.writableFinished || res.writableEnded || res.destroyed || res.closed) return
    res.end('ly')
  }, 100)
})

app.use(
  '/reads/none',
  mount(() => new Response('done')),
)
app.use(
  '/reads/some',
  mount(async (request) => {
    await request.body?.getReader().read()
    return new Response('done')
  }),
)
app.use(
  '/reads/and-cancels',
  mount(async (request) => {
    await request.body?.cancel()
    return new Response('done')
  }),
)
app.use(
  '/reads/all',
  mount(async (request) => new Response(String((await request.text()).length)), { maxBodySize: 2 ** 15 }),
)
app.use('/admin', mount(cacheAdmin({ cache: shop, authorize: () => ({ actor: 'test' }) })))

listen(app)
