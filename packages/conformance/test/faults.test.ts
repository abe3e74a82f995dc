import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

import type { FaultProxy } from '@shelflife/conformance/faults'
import { faultProxy, processFaults } from '@shelflife/conformance/faults'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

/** Answers what it is sent. */
const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString()
    socket.write(bytes)
  })
})
let heard = ''
let proxy: FaultProxy

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  proxy = await faultProxy({ host: '127.0.0.1', port })
})
afterEach(() => {
  proxy.reset()
  Object.assign(proxy, { mode: 'pass', delay: 0, cutAfter: Infinity, pace: undefined })
  heard = ''
})
afterAll(async () => {
  await proxy.stop()
  await proxy.stop()
  server.close()
})

/** A connection, what came back on it, and its end. */
function dial(): { socket: Socket; answer: () => string; closed: Promise<string> } {
  const socket = connect({ host: proxy.host, port: proxy.port })
  let answer = ''
  let code = 'none'
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()))
  socket.on('error', (error: NodeJS.ErrnoException) => (code = String(error.code)))
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(code)))
  return { socket, answer: () => answer, closed }
}

test('a proxy forwards, swallows, resets and refuses', async () => {
  const { socket, answer, closed } = dial()
  socket.write('PING')
  await vi.waitFor(() => expect(answer()).toBe('PING'))

  proxy.mode = 'blackhole'
  socket.write('swallowed')
  const other = dial()
  other.socket.write('swallowed')
  await vi.waitFor(() => expect(proxy.connections()).toBe(2))
  expect(heard).toBe('PING')

  proxy.reset()
  expect(await Promise.all([closed, other.closed])).toEqual(['ECONNRESET', 'ECONNRESET'])
  expect(proxy.connections()).toBe(0)

  proxy.mode = 'refuse'
  const refused = dial()
  refused.socket.write('PING')
  await refused.closed
  expect(refused.answer()).toBe('')
})

test('a connection of which something was swallowed is reset when it is used again, and others go on', async () => {
  const [asking, idle] = [dial(), dial()]
  for (const { socket, answer } of [asking, idle]) {
    socket.write('PING')
    await vi.waitFor(() => expect(answer()).toBe('PING'))
  }
  proxy.mode = 'blackhole'
  await new Promise((resolve) => asking.socket.write('swallowed', resolve))
  // what comes after it has arrived
  dial()
  await vi.waitFor(() => expect(proxy.connections()).toBe(3))
  proxy.mode = 'pass'
  asking.socket.write('PONG')
  expect(await asking.closed).toBe('ECONNRESET')
  expect(asking.answer()).toBe('PING')
  idle.socket.write('PONG')
  await vi.waitFor(() => expect(idle.answer()).toBe('PINGPONG'))
})

test('a proxy leads new connections to another server, and open ones where they led', async () => {
  const other = createServer((socket) => void socket.end('other'))
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  const before = dial()
  before.socket.write('PING')
  await vi.waitFor(() => expect(before.answer()).toBe('PING'))
  const { target } = proxy
  proxy.target = { host: '127.0.0.1', port: (other.address() as AddressInfo).port }
  const after = dial()
  await vi.waitFor(() => expect(after.answer()).toBe('other'))
  before.socket.write('PONG')
  await vi.waitFor(() => expect(before.answer()).toBe('PINGPONG'))
  proxy.target = target
  proxy.reset()
  other.close()
})

test('a proxy cuts an answer after so many bytes', async () => {
  proxy.cutAfter = 3
  const { socket, answer, closed } = dial()
  socket.write('PING')
  expect(await closed).toBe('ECONNRESET')
  expect(answer()).toBe('PIN')
})

test('a proxy holds everything back, each way', async () => {
  proxy.delay = 50
  const { socket, answer } = dial()
  const at = performance.now()
  socket.write('PING')
  await vi.waitFor(() => expect(answer()).toBe('PING'), { interval: 1 })
  expect(performance.now() - at).toBeGreaterThan(98)
})

test('a proxy lets answers through at a pace, in order, and the rest at once when that ends', async () => {
  proxy.pace = { bytes: 2, every: 20 }
  const { socket, answer } = dial()
  const text = 'answers arrive in pieces of two'
  const at = performance.now()
  socket.write(text)
  await vi.waitFor(() => expect(answer().length).toBeGreaterThan(5), { interval: 1 })
  expect(performance.now() - at).toBeGreaterThan(55)
  expect(text.startsWith(answer())).toBe(true)
  proxy.pace = undefined
  await vi.waitFor(() => expect(answer()).toBe(text), { timeout: 200 })
  expect(heard).toBe(text)
})

test('a process stands still, goes on, and ends also when it stands still', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => console.log(1), 5)'])
  const faults = processFaults(child)
  let words = 0
  child.stdout.on('data', () => words++)
  const speaks = async (): Promise<void> => {
    const before = words
    await vi.waitFor(() => expect(words).toBeGreaterThan(before), 10_000)
  }
  await speaks()
  faults.pause()
  await new Promise((resolve) => void setTimeout(resolve, 50))
  const before = words
  await new Promise((resolve) => void setTimeout(resolve, 100))
  expect(words).toBe(before)
  faults.resume()
  await speaks()
  faults.pause()
  expect(faults.isAlive()).toBe(true)
  await faults.kill()
  await faults.kill()
  expect(faults.isAlive()).toBe(false)
  expect(() => faults.pause()).toThrow('does not run')
})

test('a process that could not be started has no faults', async () => {
  const child = spawn('/nowhere/no-such-program')
  child.on('error', () => {})
  expect(() => processFaults(child)).toThrow('not started')
})

test.each<[message: string, change: object]>([
  ["mode must be one of 'pass', 'blackhole', 'refuse'; received \"blackhol\"", { mode: 'blackhol' }],
  ['delay must be milliseconds from 0; received "1s"', { delay: '1s' }],
  ['cutAfter must be bytes from 0; received -1', { cutAfter: -1 }],
  [
    'pace must be { bytes, every } with bytes from 1, or undefined; received an object',
    { pace: { bytes: 0, every: 100 } },
  ],
  [
    'pace must be { bytes, every } with bytes from 1, or undefined; received an object',
    { pace: { byte: 1, every: 100 } },
  ],
  ['target must be { host, port }; received an object', { target: { host: '127.0.0.1' } }],
  ["what can be changed: there is no option 'dealy', but target, mode, delay, cutAfter, pace", { dealy: 5 }],
  ["what can be changed: there is no option 'port', but target, mode, delay, cutAfter, pace", { port: 5 }],
])('what is no fault is told, and changes nothing: %s', (message, change) => {
  const before = { ...proxy }
  expect(() => Object.assign(proxy, change)).toThrow(expect.objectContaining({ code: 'invalid-option', message }))
  expect({ ...proxy }).toEqual(before)
})

test('a proxy to nowhere is not made', async () => {
  await expect(faultProxy({ port: 7000 } as never)).rejects.toMatchObject({ code: 'invalid-option' })
})
