import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { adminToken } from './start-app.ts'

// Starting a process takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const script = fileURLToPath(new URL('../src/start.ts', import.meta.url))

/** Starts the service as a process, with nothing but these variables to configure it. */
async function startProcess(variables: Readonly<Record<string, string>> = {}) {
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

test.each(['SIGTERM', 'SIGINT'] as const)('the service ends by itself on %s', async (signal) => {
  const { child, exited, url } = await startProcess()
  expect((await fetch(`${url}/articles/loops`)).status).toBe(200)

  child.kill(signal)

  expect(await exited).toEqual([0, null])
})

test('there is an admin API with a token, and none without', async () => {
  const headers = { authorization: `Bearer ${adminToken}` }
  const [without, having] = await Promise.all([startProcess(), startProcess({ ADMIN_TOKEN: adminToken })])

  expect((await fetch(`${without.url}/admin/cache/stats`, { headers })).status).toBe(404)
  expect((await fetch(`${having.url}/admin/cache/stats`, { headers })).status).toBe(200)
})
