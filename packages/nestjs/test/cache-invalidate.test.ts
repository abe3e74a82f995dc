import { Controller, Get, Injectable, Put } from '@nestjs/common'
import { createReferenceServer } from '@shelflife/conformance'
import type { Observable } from 'rxjs'
import { lastValueFrom, of, throwError } from 'rxjs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { Cached, CacheInvalidate, CacheResponse } from '../src/index.ts'
import { context, moduleWith } from './context.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

@Injectable()
class Tasks {
  runs = 0

  @Cached({ tags: (id: number) => [`task:${id}`] })
  async find(id: number) {
    return `${id}: ${++this.runs}`
  }

  @CacheInvalidate({ tags: (id: number) => [`task:${id}`] })
  async update(_id: number, fails: boolean) {
    if (fails) throw new Error('not updated')
    return 'updated'
  }

  @CacheInvalidate({ tags: ['task:1'] })
  stream(fails: boolean): Observable<string> {
    return fails ? throwError(() => new Error('not streamed')) : of('a', 'b')
  }
}

const tasksOf = async () => (await context(moduleWith([Tasks]))).get(Tasks)

test('success invalidates, before the caller knows of it', async () => {
  const tasks = await tasksOf()
  await tasks.find(1)
  expect(await tasks.update(1, false)).toBe('updated')
  expect(await tasks.find(1)).toBe('1: 2')
})

test("a failure invalidates nothing, and its error is the method's own", async () => {
  const tasks = await tasksOf()
  await tasks.find(1)
  await expect(tasks.update(1, true)).rejects.toThrow('not updated')
  expect(await tasks.find(1)).toBe('1: 1')
})

test('an Observable invalidates when it completes and not when it fails', async () => {
  const tasks = await tasksOf()
  await tasks.find(1)
  await expect(lastValueFrom(tasks.stream(true))).rejects.toThrow('not streamed')
  expect(await tasks.find(1)).toBe('1: 1')
  expect(await lastValueFrom(tasks.stream(false))).toBe('b')
  expect(await tasks.find(1)).toBe('1: 2')
})

test('what is made without Nest just runs', async () => {
  expect(await new Tasks().update(1, false)).toBe('updated')
})

test('tags are judged before anything is written, and any text is one', async () => {
  let written = 0
  @Injectable()
  class Names extends Tasks {
    @Cached({ tags: (name: string) => [`name:${name}`] })
    async read(name: string) {
      return `${name} ${written}`
    }
    @CacheInvalidate({ tags: (name: string) => [`name:${name}`] })
    async write(_name: string) {
      written++
    }
    @CacheInvalidate({ tags: (name: string) => ['task:1', undefined as unknown as string, name] })
    async odd(_name: string) {
      written++
    }
    @CacheInvalidate({
      tags() {
        throw new Error('no tags')
      },
    })
    async broken() {
      written++
    }
  }
  const names = (await context(moduleWith([Names]))).get(Names)
  for (const name of ['a//b', 'a/', '/', '', 'é☕', 'x'.repeat(3000), '\n,;#', '42']) {
    const before = await names.read(name)
    await names.write(name)
    expect(await names.read(name)).not.toBe(before)
  }
  written = 0
  await expect(Promise.resolve().then(() => names.odd('x'))).rejects.toMatchObject({ code: 'invalid-option' })
  await expect(Promise.resolve().then(() => names.broken())).rejects.toThrow('no tags')
  expect(written).toBe(0)
})

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  test('a write that cannot be told where it has to be does not pass for done', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warned.mockRestore())
    const store = createReferenceServer().connect()
    const invalidate = () => Promise.reject(new Error('away'))
    @Controller('things')
    @CacheResponse({ ttl: '1m' })
    class Things {
      @Get()
      read() {
        return 'thing'
      }
      @Put()
      write() {
        return 'written'
      }
      @Put('tagged')
      @CacheInvalidate({ tags: ['thing'] })
      async tagged() {
        return 'written'
      }
    }
    const { get } = await start(adapter, moduleOf([Things], { store: { ...store, invalidate }, require: 'remote' }))
    for (const path of ['/things', '/things/tagged']) {
      const { status, text } = await get(path, { method: 'PUT' })
      expect([status, text]).toEqual([500, expect.not.stringContaining('written')])
    }
    expect(warned).toHaveBeenCalledWith(expect.objectContaining({ code: 'remote-unreachable' }))
  })
})
