import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { compile, root } from './compile.ts'

let application = ''
let remove = (): void => {}

beforeAll(() => {
  ;({ file: application, remove } = compile(root, 'way-app'))
})
afterAll(() => remove())

interface Answer {
  readonly status: number | 'broken off'
  readonly text: string
  readonly cache: string
}

/** An application in a process of its own, in which nothing catches what nobody caught. */
async function start(platform: string) {
  const child: ChildProcess = fork(application, [platform], {
    execArgv: ['--conditions=@shelflife/source'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => void (errors += chunk.toString()))
  const exited = once(child, 'exit').then(() => Promise.reject(new Error(errors)))
  exited.catch(() => {})
  const [url] = (await Promise.race([once(child, 'message'), exited])) as [string]

  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    try {
      const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5000), ...init })
      const text = await response.text()
      return { status: response.status, text, cache: response.headers.get('cache-status') ?? '' }
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') throw error
      return { status: 'broken off', text: '', cache: '' }
    }
  }
  return {
    ask,
    /** Asks, and once more for something else: whoever has answered that has outlived the first. */
    async survives(path: string, init?: RequestInit): Promise<Answer> {
      const answer = await ask(path, init)
      expect((await Promise.race([ask('/fine'), exited])).text).toBe('fine')
      expect(child.exitCode).toBeNull()
      return answer
    },
  }
}

describe.each(['Express', 'Fastify'])('on %s', (platform) => {
  test.each([
    ['the tag', { 'if-none-match': '"one"' }],
    ['any tag', { 'if-none-match': '*' }],
    ['the date', { 'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' }],
  ])(
    'a client that has a streamed body that is not stored, by %s, is told so and ends nothing',
    async (_what, headers) => {
      const { survives } = await start(platform)
      expect((await survives('/private', { headers })).status).toBe(304)
      // what was refused of late is for a while the handler's alone, which looks at no condition
      for (const _ of [1, 2]) expect([200, 304]).toContain((await survives('/private', { headers })).status)
      expect((await survives('/private')).text).toHaveLength(8 * 64 * 1024)
    },
  )

  test('a client that has a streamed body that is stored delays nobody and loses nothing', async () => {
    const { survives, ask } = await start(platform)
    expect((await survives('/shared', { headers: { 'if-none-match': '"one"' } })).status).toBe(304)
    const began = performance.now()
    const next = await ask('/shared')
    expect(performance.now() - began).toBeLessThan(900)
    expect(next.text).toHaveLength(8 * 64 * 1024)
    expect((await ask('/shared')).cache).toContain('hit')
  })

  test('a refresh that turns private ends nothing and leaves nothing behind', async () => {
    const { survives, ask } = await start(platform)
    expect((await survives('/turning')).text).toHaveLength(8 * 64 * 1024)
    await expect.poll(async () => (await survives('/turning')).cache).not.toContain('hit')
    await expect.poll(async () => Number((await ask('/turns')).text)).toBeGreaterThan(1)
    expect((await survives('/turning')).cache).not.toContain('stored')
  })

  test('what Node refuses to send is answered 500, as without a cache', async () => {
    const { survives } = await start(platform)
    for (const [method, path] of [
      ['GET', '/name?name=%E2%82%AC'],
      ['GET', '/name?name=a%0D%0Ab'],
      ['POST', '/name?name=%E2%82%AC'],
      ['GET', '/status?status=NaN'],
      ['GET', '/status?status=99'],
      ['POST', '/status?status=NaN'],
      ['POST', '/chunk'],
      ['POST', '/end'],
    ] as const) {
      for (const _ of [1, 2]) {
        const { status, text } = await survives(path, { method })
        // as the filter of Nest has it, which the handler's error has reached
        expect([status, text], `${method} ${path}`).toEqual([500, expect.stringContaining('Internal server error')])
      }
    }
  })

  test('what cannot be sent is answered or broken off at once, whatever a filter makes of it', async () => {
    const { survives } = await start(platform)
    for (const [method, path] of [
      ['GET', '/header'],
      ['GET', '/careless'],
      ['POST', '/careless'],
    ] as const) {
      for (const _ of [1, 2]) {
        expect([500, 'broken off'], `${method} ${path}`).toContain((await survives(path, { method })).status)
      }
    }
  })

  test('who changes a head that was sent is told so, as without a cache', async () => {
    const { survives } = await start(platform)
    for (const method of ['GET', 'GET', 'POST']) {
      expect((await survives('/sent', { method })).text, method).toBe('ERR_HTTP_HEADERS_SENT '.repeat(4))
    }
  })

  test('what fails after its first byte ends as without a cache, and is not stored', async () => {
    const { survives } = await start(platform)
    for (const _ of [1, 2]) {
      const { text, cache } = await survives('/late')
      expect(text).toBe('first')
      expect(cache).not.toContain('hit')
    }
  })

  test('what announces a trailer is sent', async () => {
    const { survives } = await start(platform)
    for (const _ of [1, 2]) {
      const { status, text } = await survives('/trailer')
      expect([status, text]).toEqual([200, 'onetwo'])
      expect(await survives('/trailer', { method: 'POST' })).toMatchObject({ status: 201, text: 'one' })
    }
  })
})
