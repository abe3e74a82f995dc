import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startRedis } from '@shelflife/test-servers'
import { expect, onTestFinished, test } from 'vitest'

test('a busy process ends with no warning of Node: of timers, listeners, promises or what is deprecated', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const program = join(import.meta.dirname, 'children', 'busy-mixture.ts')
  const args = ['--conditions=@shelflife/source', '--trace-warnings', program, redis.url]
  const { stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
  expect(stderr).toBe('')
}, 70_000)
