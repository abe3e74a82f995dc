import { startRedis } from '@shelflife/test-servers'
import { expect, onTestFinished, test } from 'vitest'

import { ADMIN_TOKEN, startApp } from './start-app.ts'

const hit = expect.stringMatching(/^shelflife;hit;ttl=\d+$/)
const stored = 'shelflife;fwd=uri-miss;fwd-status=200;stored'

test("users see their own tasks, cached, and nobody else's", async () => {
  const { ask, as, table } = await startApp()
  await ask('/tasks', as('ann', { title: 'write' }))
  await ask('/tasks', as('bob', { title: 'read' }))
  const lists = await Promise.all(['ann', 'bob', 'ann', 'bob'].map((user) => ask('/tasks', as(user))))
  const [anns, bobs] = [
    [{ id: 1, owner: 'ann', title: 'write', done: false }],
    [{ id: 2, owner: 'bob', title: 'read', done: false }],
  ]
  expect(lists.map(({ body }) => body)).toEqual([anns, bobs, anns, bobs])
  expect(table.reads).toBe(2)
  await ask('/tasks/1', as('ann'))
  expect((await ask('/tasks/1', as('ann'))).body).toEqual(anns[0])
  expect((await ask('/tasks/1', as('bob'))).status).toBe(404)
  expect(table.reads).toBe(3)
  expect((await ask('/tasks')).status).toBe(401)
})

test('a write is seen by the next read, by value and in the response for all', async () => {
  const { ask, as } = await startApp()
  await ask('/tasks', as('ann', { title: 'write' }))
  expect(await ask('/progress')).toEqual({ status: 200, cache: stored, body: [{ owner: 'ann', open: 1, done: 0 }] })
  expect(await ask('/progress?utm=1')).toMatchObject({ cache: hit })
  await ask('/tasks', as('ann'))
  await ask('/tasks/1', as('ann'))
  expect((await ask('/tasks/1/finish', as('ann', {}))).status).toBe(201)
  expect(await ask('/progress')).toMatchObject({ cache: stored, body: [{ owner: 'ann', open: 0, done: 1 }] })
  expect((await ask('/tasks', as('ann'))).body).toMatchObject([{ done: true }])
  expect((await ask('/tasks/1', as('ann'))).body).toMatchObject({ done: true })
})

test('a task that did not exist is found as soon as it does', async () => {
  const { ask, as } = await startApp()
  expect((await ask('/tasks/1', as('ann'))).status).toBe(404)
  await ask('/tasks', as('ann', { title: 'write' }))
  expect((await ask('/tasks/1', as('ann'))).status).toBe(200)
})

test('a write that is refused changes nothing', async () => {
  const { ask, as, table } = await startApp()
  await ask('/tasks', as('ann'))
  expect((await ask('/tasks', as('ann', { title: '' }))).status).toBe(400)
  await ask('/tasks', as('ann'))
  expect(table.reads).toBe(1)
})

test('20 requests at once for the progress are one read', async () => {
  const { ask, table } = await startApp()
  await Promise.all(Array.from({ length: 20 }, () => ask('/progress')))
  expect(table.reads).toBe(1)
})

test('health is for all and the admin for whoever has the token', async () => {
  const { ask } = await startApp()
  expect(await ask('/health')).toMatchObject({ status: 200, body: { cache: { status: 'up' } } })
  expect((await ask('/admin/cache/stats')).status).toBe(403)
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  expect(await ask('/admin/cache/stats', { headers })).toMatchObject({ status: 200 })
})

test('with a Redis, what one process wrote is invalid in the other', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const [one, two] = [await startApp(redis.url), await startApp(redis.url)]
  await one.ask('/tasks', one.as('ann', { title: 'write' }))
  expect((await one.ask('/progress')).body).toEqual([{ owner: 'ann', open: 1, done: 0 }])
  // the tables are two, so only the cache can have told
  expect((await two.ask('/progress')).body).toEqual([{ owner: 'ann', open: 1, done: 0 }])
  expect(two.table.reads).toBe(0)
  await one.ask('/tasks/1/finish', one.as('ann', {}))
  await expect.poll(async () => (await two.ask('/progress')).body).toEqual([])
})
