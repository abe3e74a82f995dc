import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json as readJson } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startRedis } from '@shelflife/test-servers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { adminToken, json } from './start-app.ts'

// Starting a process takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const script = fileURLToPath(new URL('../src/start.ts', import.meta.url))

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'express-api-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'catalogue.sqlite')
}

/** Starts the service as a process, with nothing but these variables to configure it. */
async function startProcess(variables: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--conditions=@shelflife/source', script], {
    env: { PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) {
    const url = /http:\S+:\d+/.exec(line)?.[0]
    if (url) return { child, exited, url }
  }
  throw new Error('the service ended before it listened')
}

/** Asks for JSON as behind a load balancer, where all processes are one host. `fetch` always names the one it asks. */
async function askAs(host: string, url: string) {
  const [response] = (await once(get(url, { headers: { host } }), 'response')) as [IncomingMessage]
  return { cache: response.headers['cache-status'], body: await readJson(response) }
}

test.each(['SIGTERM', 'SIGINT'] as const)('the service ends by itself on %s', async (signal) => {
  const { child, exited, url } = await startProcess({ DATABASE: ':memory:' })
  expect((await fetch(`${url}/products/7`)).status).toBe(200)

  child.kill(signal)

  expect(await exited).toEqual([0, null])
})

test('without a token there is no admin API', async () => {
  const { url } = await startProcess({ DATABASE: ':memory:' })
  const headers = { authorization: `Bearer ${adminToken}` }

  expect((await fetch(`${url}/admin/cache/stats`, { headers })).status).toBe(404)
})

test('products are kept from one run to the next, and filled in once', async () => {
  const DATABASE = temporaryFile()
  const clock = { id: 1, name: 'Clock', category: 'clocks', price: 4900 }
  const first = await startProcess({ DATABASE })
  await fetch(`${first.url}/products/1`, json('PUT', clock))
  first.child.kill('SIGTERM')
  await first.exited

  const { url } = await startProcess({ DATABASE })

  expect(await (await fetch(`${url}/products/1`)).json()).toEqual(clock)
  expect(await (await fetch(`${url}/products`)).json()).toHaveLength(240)
})

test('a write in one process reaches the local copies of another on the same Redis', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const variables = { DATABASE: temporaryFile(), REDIS_URL: redis.url, ADMIN_TOKEN: adminToken }
  const [here, there] = [await startProcess(variables), await startProcess(variables)]
  const ask = (path: string, { url } = there) => askAs('catalogue.test', url + path)
  const paths = ['/products/7', '/products?category=lamps']
  for (const path of paths) expect(await ask(path)).toMatchObject({ cache: expect.stringContaining('fwd=uri-miss') })
  // the second time without Redis
  for (const path of paths) expect(await ask(path)).toMatchObject({ cache: expect.stringContaining(';hit') })
  // what one process has loaded is there for the other
  expect(await ask('/products/7', here)).toMatchObject({ cache: expect.stringContaining(';hit') })

  for (const price of [1, 2, 3]) {
    const changed = { id: 7, name: 'Lamp', category: 'lamps', price }
    expect((await fetch(`${here.url}/products/7`, json('PUT', changed))).status).toBe(200)

    await expect.poll(async () => (await ask('/products/7')).body, { timeout: 5_000 }).toEqual(changed)
    await expect.poll(async () => (await ask(paths[1]!)).body, { timeout: 5_000 }).toContainEqual(changed)
    expect(await ask('/products/7')).toMatchObject({ cache: expect.stringContaining(';hit'), body: changed })
  }

  // and neither keeps its connection to Redis
  for (const { child } of [here, there]) child.kill('SIGTERM')
  expect(await Promise.all([here.exited, there.exited])).toEqual([
    [0, null],
    [0, null],
  ])
})
