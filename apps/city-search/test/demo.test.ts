import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startRedis } from '@shelflife/test-servers'
import { expect, onTestFinished, test } from 'vitest'

const script = fileURLToPath(new URL('../demo/demo.ts', import.meta.url))
const args = ['--conditions=@shelflife/source', script, '--requests', '40', '--writes', '4']

const runDemo = async (env: NodeJS.ProcessEnv) =>
  (await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } })).stdout

// The services inherit the output of the demo: were one still running, this would not resolve.
test('a short demo ends by itself and shows what it measured', { timeout: 60_000 }, async () => {
  const stdout = await runDemo({ REDIS_URL: '' })

  for (const label of ['p50', 'p99', 'throughput', 'reached SQLite', 'hit ratio', 'time saved']) {
    expect(stdout).toContain(label)
  }
  expect(stdout).toMatch(/requests +│ +40 │ +40 │/)
  expect(stdout).toMatch(/stale at most +│ +0 ms │ +0 ms │/)
})

test(
  'on Redis two processes are behind the same load, and a write to one reaches the other',
  { timeout: 60_000 },
  async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const stdout = await runDemo({ REDIS_URL: redis.url })

    expect(stdout).toMatch(/requests +│ +40 │ +40 │ +40 │/)
    expect(stdout).toMatch(/A write to .+ through one process: the other showed it in/)
  },
)
