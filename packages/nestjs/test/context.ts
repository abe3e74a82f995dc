import type { INestApplicationContext, Type } from '@nestjs/common'
import { Module } from '@nestjs/common'
import type { DynamicModule, Provider } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { memoryStore } from '@shelflife/memory'
import { onTestFinished } from 'vitest'

import { CacheModule } from '../src/index.ts'

/** Providers with a cache of their own. */
export function moduleWith(providers: Provider[], imports: (Type | DynamicModule)[] = []): Type {
  @Module({ imports: [CacheModule.forRoot({ namespace: 'test', store: memoryStore() }), ...imports], providers })
  class TestModule {}
  return TestModule
}

/** Starts a module without a server, for one test. */
export async function context(module: Type): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false })
  onTestFinished(() => app.close())
  return app
}
