import { setTimeout as sleep } from 'node:timers/promises'
import type { Cache } from '@shelflife/core'
import { cacheResponses } from '@shelflife/express'
import type { Express, RequestHandler } from 'express'
import express from 'express'
import type { Value } from './report.ts'
import { machineTime } from './time.ts'

/** How many items the service has, in how many groups. Each group has a page. */
export const [ITEMS, GROUPS] = [200, 20]
export const itemKey = (n: number): string => `item(${n})`
export const pageKey = (group: number): string => `page(${group})`
export const groupOf = (n: number): number => n % GROUPS

/** The statuses of a write: its invalidation holds everywhere, or in the process that was asked and later elsewhere. */
export const [DONE, QUEUED] = [204, 202]

/** Tags are paths: what voids a group voids its items. */
const groupTag = (group: number): string => `group/${group}`
const itemTag = (n: number): string => `${groupTag(groupOf(n))}/item/${n}`

interface ServiceInput {
  readonly cache: Cache
  readonly loaded: () => void
  /** Whether a write is to be answered without its invalidation. */
  readonly skips: () => boolean
}

/** Items as values, as responses and as both, and pages as responses alone. The source has something new each time. */
export function createServiceApp({ cache: shared, loaded, skips }: ServiceInput): Express {
  async function readSource(key: string): Promise<Value> {
    const began = machineTime()
    await sleep(2)
    loaded()
    return { key, began }
  }

  // short, so that much is refreshed in the background
  const lifetime = { ttl: '2s', staleWhileRevalidate: '10s' } as const
  const getItem = shared.cached((n: number) => readSource(itemKey(n)), {
    name: 'item',
    ...lifetime,
    tags: (n) => [itemTag(n)],
  })
  const { cache, invalidates } = cacheResponses({ cache: shared })
  const number = (req: { readonly params: Readonly<Record<string, unknown>> }): number => Number(req.params['n'])
  const done: RequestHandler = (_req, res) => void res.sendStatus(DONE)
  const maySkip: RequestHandler = (_req, res, next) => (skips() ? void res.sendStatus(DONE) : next())

  const app = express()
  app.get('/values/:n', async (req, res) => void res.json(await getItem(number(req))))
  app.get('/items/:n', cache({ ...lifetime, tags: (req) => [itemTag(number(req))] }), async (req, res) => {
    res.json(await getItem(number(req)))
  })
  app.get('/pages/:n', cache({ ...lifetime, tags: (req) => [groupTag(number(req))] }), async (req, res) => {
    res.json(await readSource(pageKey(number(req))))
  })
  app.use(maySkip)
  app.put('/items/:n', invalidates({ tags: (req) => [itemTag(number(req))] }), done)
  app.put('/groups/:n', async (req, res) => {
    const { remote } = await shared.invalidateTags([groupTag(number(req))])
    res.sendStatus(remote === 'done' ? DONE : QUEUED)
  })
  return app
}
