import 'reflect-metadata'
import type { CanActivate, ExecutionContext } from '@nestjs/common'
import {
  Controller,
  Get,
  HttpCode,
  Injectable,
  Module,
  Param,
  Post,
  Req,
  StreamableFile,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { memoryStore } from '@shelflife/memory'
import { createRequire } from 'node:module'

import type { CacheManager } from '../../src/index.ts'
import { Cached, CacheInvalidate, CACHE_MANAGER, CacheModule, CacheResponse } from '../../src/index.ts'

// no @Inject() anywhere: this is compiled with the metadata of decorators, as applications are

@Injectable()
class Tasks {
  runs = 0

  @Cached({ tags: (id: string) => [`task:${id}`] })
  async find(id: string): Promise<string> {
    return `${id} ${++this.runs}`
  }

  @CacheInvalidate({ tags: (id: string) => [`task:${id}`] })
  async change(_id: string): Promise<void> {}
}

@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: string | undefined }>()
    request.user = request.headers['x-api-key']
    return request.user !== undefined
  }
}

@Controller('tasks')
@CacheResponse({ ttl: '1m' })
class TasksController {
  responses = 0

  constructor(private readonly tasks: Tasks) {}

  @Get('me')
  @UseGuards(UserGuard)
  async me(@Req() request: { readonly user: string }): Promise<string> {
    return `of ${request.user}`
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Buffer.from(`file ${++this.responses}`))
  }

  @Get(':id')
  @HttpCode(203)
  async find(@Param('id') id: string): Promise<{ task: string; response: number }> {
    return { task: await this.tasks.find(id), response: ++this.responses }
  }

  @Post(':id')
  async change(@Param('id') id: string): Promise<void> {
    await this.tasks.change(id)
  }
}

@Module({
  imports: [CacheModule.forRoot({ namespace: 'test', store: () => memoryStore(), responses: { onUnkeyedInput() {} } })],
  providers: [Tasks],
  controllers: [TasksController],
})
class AppModule {}

async function observe(adapter: FastifyAdapter | undefined): Promise<unknown> {
  const options = { logger: false, abortOnError: false } as const
  const app = await (adapter ? NestFactory.create(AppModule, adapter, options) : NestFactory.create(AppModule, options))
  await app.listen(0, '127.0.0.1')
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1')
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const response = await fetch(`${url}/tasks/${path}`, init)
    return `${response.status} ${await response.text()}`
  }
  const as = (user: string): RequestInit => ({ headers: { 'x-api-key': user } })
  const seen = {
    first: await ask('1'),
    second: await ask('1'),
    written: (await ask('1', { method: 'POST' })).slice(0, 3),
    third: await ask('1'),
    files: [await ask('file'), await ask('file')],
    refused: (await ask('me')).slice(0, 3),
    users: await Promise.all([ask('me', as('a')), ask('me', as('b')), ask('me', as('a'))]),
    managed: await app.get<CacheManager>(CACHE_MANAGER).wrap('key', () => 1),
  }
  await app.close()
  return seen
}

const { version } = createRequire(import.meta.url)('@nestjs/core/package.json') as { readonly version: string }
const seen = { version, express: await observe(undefined), fastify: await observe(new FastifyAdapter()) }
process.stdout.write(JSON.stringify(seen))
