import type { NestInterceptor } from '@nestjs/common'
import { Controller, Get, Post, RequestTimeoutException, Res, StreamableFile, UseInterceptors } from '@nestjs/common'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { catchError, throwError, timeout } from 'rxjs'
import { describe, expect, test } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  // the second is more than a timer can take
  test.each(['30s', '60d'] as const)(
    'a client that goes away takes nothing from those who wait for the same (%s)',
    async (maxFillTime) => {
      let runs = 0
      let goOn = (): void => {}
      const isGone = new Promise<void>((resolve) => (goOn = resolve))
      @Controller()
      class Slow {
        @Get('slow')
        @CacheResponse({ ttl: '1m' })
        async slow() {
          runs++
          await isGone
          return `run ${runs}`
        }
      }
      const responses = { maxFillTime, onUnkeyedInput() {} } as const
      const { get } = await start(adapter, moduleOf([Slow], { responses }))
      const leaving = new AbortController()
      const gone = get('/slow', { signal: leaving.signal }).catch(() => 'gone')
      await expect.poll(() => runs).toBe(1)
      const waiting = get('/slow')
      await sleep(20)
      leaving.abort()
      expect(await gone).toBe('gone')
      goOn()
      expect((await waiting).text).toBe('run 1')
      expect((await get('/slow')).cache).toBe('hit')
      expect(runs).toBe(1)
    },
  )

  test('a write whose client goes away makes its URI void all the same', async () => {
    let value = 1
    let isWriting = false
    @Controller('value')
    @CacheResponse({ ttl: '1m' })
    class Values {
      @Get()
      read() {
        return `${value}`
      }
      @Post()
      async write() {
        isWriting = true
        await sleep(100)
        value++
        return 'written'
      }
    }
    const { get } = await start(adapter, moduleOf([Values]))
    expect((await get('/value')).text).toBe('1')
    const leaving = new AbortController()
    const gone = get('/value', { method: 'POST', signal: leaving.signal }).catch(() => 'gone')
    await expect.poll(() => isWriting).toBe(true)
    leaving.abort()
    expect(await gone).toBe('gone')
    await expect.poll(async () => (await get('/value')).text).toBe('2')
  })

  test('a write that breaks its answer off makes its URI void all the same', async () => {
    let value = 1
    @Controller('value')
    @CacheResponse({ ttl: '1m' })
    class Values {
      @Get()
      read() {
        return `${value}`
      }
      @Post()
      write(@Res() response: ServerResponse | { readonly raw: ServerResponse }) {
        value++
        const { destroy } = 'raw' in response ? response.raw : response
        destroy.call('raw' in response ? response.raw : response)
      }
    }
    const { get } = await start(adapter, moduleOf([Values]))
    expect((await get('/value')).text).toBe('1')
    await expect(get('/value', { method: 'POST' })).rejects.toThrow()
    expect((await get('/value')).text).toBe('2')
  })

  test('an interceptor outside that gives up is answered as without a cache, and the next request runs anew', async () => {
    let runs = 0
    const patience: NestInterceptor = {
      intercept: (_context, next) =>
        next.handle().pipe(
          timeout(50),
          catchError(() => throwError(() => new RequestTimeoutException())),
        ),
    }
    @Controller()
    @UseInterceptors(patience)
    class Slow {
      @Get('slow')
      @CacheResponse({ ttl: '1m' })
      async slow() {
        if (++runs === 1) await sleep(200)
        return `run ${runs}`
      }
    }
    const { get } = await start(adapter, moduleOf([Slow]))
    expect((await get('/slow')).status).toBe(408)
    expect((await get('/slow')).text).toBe('run 2')
  })

  test('a file that breaks off is seen to break off, and is not stored', async () => {
    let runs = 0
    async function* halves() {
      yield Buffer.from('first half')
      await sleep(50)
      if (++runs === 1) throw new Error('the disk fails')
      yield Buffer.from(', second half')
    }
    @Controller()
    class Files {
      @Get('file')
      @CacheResponse({ ttl: '1m' })
      file() {
        return new StreamableFile(Readable.from(halves())).setErrorLogger(() => {})
      }
    }
    const { get } = await start(adapter, moduleOf([Files]))
    await expect(get('/file')).rejects.toThrow()
    async function again(): Promise<string> {
      const { text, cache } = await get('/file')
      expect(text).toBe('first half, second half')
      return cache
    }
    // who waited for what broke off has an answer of its own, which is not stored
    await again()
    await again()
    expect(await again()).toBe('hit')
  })

  test('a file is sent while it is made', async () => {
    let goOn = (): void => {}
    const read = new Promise<void>((resolve) => {
      goOn = resolve
    })
    @Controller()
    class Files {
      @Get('file')
      @CacheResponse({ ttl: '1m' })
      file() {
        return new StreamableFile(
          Readable.from(
            (async function* () {
              yield Buffer.from('first')
              await read
              yield Buffer.from('last')
            })(),
          ),
        )
      }
    }
    const { url } = await start(adapter, moduleOf([Files]))
    const reader = (await fetch(`${url}/file`)).body!.getReader()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('first')
    goOn()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('last')
    await reader.cancel()
  })

  test('what is written for nobody any more is stopped, however long it would be', async () => {
    let written = 0
    let told = 0
    @Controller()
    class Endless {
      @Get('endless')
      @CacheResponse({ ttl: '1m' })
      async endless(@Res() response: ServerResponse | { readonly raw: ServerResponse }) {
        const res = 'raw' in response ? response.raw : response
        res.on('close', () => told++)
        while (told === 0) {
          if (!res.write(Buffer.alloc(64 * 1024))) await Promise.race([once(res, 'drain'), once(res, 'close')])
          written++
          await sleep(1)
        }
      }
    }
    const { url } = await start(adapter, moduleOf([Endless]))
    const leaving = new AbortController()
    const { body } = await fetch(`${url}/endless`, { signal: leaving.signal })
    await body!.getReader().read()
    leaving.abort()
    // more than is stored
    await expect.poll(() => told, { timeout: 5000 }).toBe(1)
    expect(written).toBeGreaterThan(2)
  })
})
