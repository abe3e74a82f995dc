import type { Type } from '@nestjs/common'
import type { INestApplication, NestApplicationOptions } from '@nestjs/common'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { memoryStore } from '@shelflife/memory'
import { onTestFinished } from 'vitest'

import type { CacheModuleOptions } from '../src/index.ts'
import { CacheModule } from '../src/index.ts'

type AnyModule = Type | { readonly module: Type }

/** The platforms of Nest. */
export const PLATFORMS = [
  { name: 'Express', adapter: () => new ExpressAdapter() },
  { name: 'Fastify', adapter: () => new FastifyAdapter() },
] as const

export type Adapter = (typeof PLATFORMS)[number]['adapter']

interface StartOptions {
  readonly options?: NestApplicationOptions
  readonly configure?: (app: INestApplication) => void | Promise<void>
}

/** A module with these controllers and a cache in this process. */
export function moduleOf(controllers: Type[], more: Partial<CacheModuleOptions> = {}): Type {
  const own = more.cache === undefined ? { namespace: 'test', store: memoryStore() } : {}
  const options = { ...own, responses: { onUnkeyedInput() {} }, ...more }
  @Module({ imports: [CacheModule.forRoot(options as CacheModuleOptions)], controllers })
  class TestModule {}
  return TestModule
}

/** Starts an application on loopback. */
export async function listen(
  adapter: Adapter,
  module: AnyModule,
  { options = {}, configure }: StartOptions = {},
): Promise<{ readonly app: INestApplication; readonly url: string }> {
  const app = await NestFactory.create(module as Type, adapter() as ExpressAdapter, {
    logger: false,
    forceCloseConnections: true,
    abortOnError: false,
    ...options,
  })
  await configure?.(app)
  await app.listen(0, '127.0.0.1')
  return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1') }
}

/** The same for one test. */
export async function start(adapter: Adapter, module: AnyModule, how: StartOptions = {}) {
  const started = await listen(adapter, module, how)
  onTestFinished(() => started.app.close())
  return { ...started, get: (path: string, init?: RequestInit) => get(`${started.url}${path}`, init) }
}

/** What a client got. */
export interface Got {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** How the cache took part, such as `hit`. */
  readonly cache: string
}

async function get(url: string, init: RequestInit = {}): Promise<Got> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const { status, headers } = response
  const [, cache = ''] = /shelflife;(?:fwd=)?([\w-]+)/.exec(headers.get('cache-status') ?? '') ?? []
  return { status, headers, text: await response.text(), cache }
}
