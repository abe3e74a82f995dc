import { execFile } from 'node:child_process'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import type { FaultProxy } from '@shelflife/test-servers'
import { faultProxy, startRedis } from '@shelflife/test-servers'
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
  const error = await promisify(execFile)(process.execPath, [file]).catch((failure: unknown) => failure)
  const { stdout, signal } = error as { stdout: string; signal: string }
  expect(signal).toBe('SIGKILL')
  await vi.waitFor(() => expect(isRunning(Number(stdout))).toBe(false), 10_000)
})

/** A connection, what came back on it, and its end. */
function dial(proxy: FaultProxy): { socket: Socket; answer: () => string; closed: Promise<string> } {
  const socket = connect(proxy)
  let answer = ''
  let code = 'none'
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()))
  socket.on('error', (error: NodeJS.ErrnoException) => (code = String(error.code)))
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(code)))
  return { socket, answer: () => answer, closed }
}

test('a proxy forwards, swallows, resets and refuses', async () => {
  const proxy = await faultProxy(server)
  const { socket, answer, closed } = dial(proxy)
  socket.write('PING\r\n')
  await vi.waitFor(() => expect(answer()).toBe('+PONG\r\n'))

  proxy.mode = 'blackhole'
  socket.write('SET swallowed yes\r\n')
  const other = dial(proxy)
  other.socket.write('SET swallowed yes\r\n')
  await vi.waitFor(() => expect(proxy.connections()).toBe(2))
  expect(await server.command('EXISTS', 'swallowed')).toBe(0)

  proxy.reset()
  expect(await Promise.all([closed, other.closed])).toEqual(['ECONNRESET', 'ECONNRESET'])
  expect(proxy.connections()).toBe(0)

  proxy.mode = 'refuse'
  const refused = dial(proxy)
  refused.socket.write('PING\r\n')
  await refused.closed
  expect(refused.answer()).toBe('')
  await proxy.stop()
})

test('a proxy cuts an answer after so many bytes', async () => {
  const proxy = await faultProxy(server)
  proxy.cutAfter = 4
  const { socket, answer, closed } = dial(proxy)
  socket.write('PING\r\n')
  expect(await closed).toBe('ECONNRESET')
  expect(answer()).toBe('+PON')
  await proxy.stop()
})
