import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startRedis } from '@shelflife/test-servers'
import { afterAll, expect, test, vi } from 'vitest'

const server = await startRedis()
afterAll(() => server.stop())

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a restarted server is another process on the same port, and empty', async () => {
  await server.command('SET', 'kept', 'no')
  const before = server.pid()
  await server.restart()
  expect(server.pid()).not.toBe(before)
  expect(isRunning(before)).toBe(false)
  expect(await server.command('EXISTS', 'kept')).toBe(0)
})

test('a stopped server is gone, also when it was paused', async () => {
  const paused = await startRedis()
  paused.pause()
  await paused.stop()
  await paused.stop()
  expect(isRunning(paused.pid())).toBe(false)
})

test('a server that refuses its configuration says why', async () => {
  await expect(startRedis({ config: ['nonsense yes'] })).rejects.toThrow('redis-server ended')
})

test('a server goes with the process that started it, also when that is killed', async () => {
  const file = fileURLToPath(new URL('children/killed.ts', import.meta.url))
  const error = await promisify(execFile)(process.execPath, ['--conditions=@shelflife/source', file]).catch(
    (failure: unknown) => failure,
  )
  const { stdout, signal } = error as { stdout: string; signal: string }
  expect(signal).toBe('SIGKILL')
  await vi.waitFor(() => expect(isRunning(Number(stdout))).toBe(false), 10_000)
})
