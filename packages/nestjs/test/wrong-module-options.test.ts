import type { DynamicModule } from '@nestjs/common'
import { Module } from '@nestjs/common'
import { memoryStore } from '@shelflife/memory'
import { expect, test } from 'vitest'

import { CacheAdminModule, CacheModule } from '../src/index.ts'
import { context } from './context.ts'

class Guard {
  canActivate = (): boolean => true
}

const given = { namespace: 'shop', store: () => memoryStore() }
const ofRoot = (options: unknown) => () => CacheModule.forRoot(options as never)
const ofAsync = (options: unknown) => () => CacheModule.forRootAsync(options as never)
const ofFeature = (options: unknown) => () => CacheModule.forFeature(options as never)
const ofAdmin = (options?: object) => () => CacheAdminModule.register({ guards: [Guard], ...options } as never)

test.each<[message: string, make: () => DynamicModule]>([
  ['options of forRoot() must be an object; received undefined', ofRoot(undefined)],
  ['isGlobal must be true or false; received "no"', ofRoot({ ...given, isGlobal: 'no' })],
  ["options of createCache(): there is no option 'respones'", ofRoot({ ...given, respones: {} })],
  ["options of forRoot() with a cache: there is no option 'namespace'", ofRoot({ ...given, cache: {} })],
  ['cache', ofRoot({ cache: {} })],
  ["options of forRootAsync(): there is no option 'injects'", ofAsync({ useFactory: () => given, injects: [] })],
  ['forRootAsync must have one of', ofAsync({ useFactory: () => given, useClass: Guard })],
  ['useFactory must be a function; received "given"', ofAsync({ useFactory: 'given' })],
  ['what forRootAsync() is given must be an object; received undefined', ofAsync({ useFactory: () => undefined })],
  ['options of forFeature() must be an object; received undefined', ofFeature(undefined)],
  ["options of forFeature(): there is no option 'tiers'", ofFeature({ namespace: 'users', tiers: {} })],
  ["options of CacheAdminModule.register(): there is no option 'identfy'", ofAdmin({ identfy: () => undefined })],
  ['identify must be a function; received "alice"', ofAdmin({ identify: 'alice' })],
  ['audit must be a function; received "log"', ofAdmin({ audit: 'log' })],
  ['onError must be a function', ofAdmin({ onError: {} })],
  ['path must be text; received 5', ofAdmin({ path: 5 })],
])(
  'what is no option, or a wrong one, is told at the latest when the application starts: %s',
  async (message, make) => {
    const start = async () => {
      @Module({ imports: [make()] })
      class AppModule {}
      await context(AppModule)
    }
    await expect(start()).rejects.toMatchObject({
      name: 'ShelflifeError',
      code: 'invalid-option',
      message: expect.stringContaining(message),
    })
  },
)
