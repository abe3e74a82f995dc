import 'reflect-metadata'
import type { CallHandler, CanActivate, ExecutionContext, NestInterceptor } from '@nestjs/common'
import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  Req,
  Scope,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common'
import { NestFactory, REQUEST } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { memoryStore } from '@shelflife/memory'
import { createRequire } from 'node:module'
import { map } from 'rxjs'

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

/** Takes who asks before the handler runs. */
class Outside implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const { user } = context.switchToHttp().getRequest<{ readonly user: string }>()
    return next.handle().pipe(map((value: unknown) => (value === undefined ? value : `of ${user}`)))
  }
}

@Controller({ path: 'outside', version: VERSION_NEUTRAL })
@UseInterceptors(Outside)
class OutsideController {
  @Get()
  @UseGuards(UserGuard)
  @CacheResponse({ ttl: '1m' })
  outside(): string {
    return 'anybody'
  }
}

@Injectable({ scope: Scope.REQUEST })
class Asking {
  readonly name: string

  constructor(@Inject(REQUEST) request: { readonly headers: Record<string, string> }) {
    this.name = request.headers['x-api-key'] ?? ''
  }
}

@Controller({ path: 'asking', version: VERSION_NEUTRAL })
class AskingController {
  constructor(private readonly asking: Asking) {}

  @Get()
  @CacheResponse({ ttl: '1m' })
  me(): string {
    return `of ${this.asking.name}`
  }
}

@Controller({ path: 'versions', version: '1' })
@CacheResponse({ ttl: '1m' })
class FirstVersion {
  @Get()
  answer(): string {
    return 'first'
  }
}

@Controller({ path: 'versions', version: '2' })
@CacheResponse({ ttl: '1m' })
class SecondVersion {
  @Get()
  answer(): string {
    return 'second'
  }
}

@Controller({ path: 'tasks', version: VERSION_NEUTRAL })
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
  providers: [Tasks, Asking],
  controllers: [TasksController, AskingController, OutsideController, FirstVersion, SecondVersion],
})
class AppModule {}

async function observe(adapter: FastifyAdapter | undefined): Promise<unknown> {
  const options = { logger: false, abortOnError: false } as const
  const app = await (adapter ? NestFactory.create(AppModule, adapter, options) : NestFactory.create(AppModule, options))
  app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version' })
  await app.listen(0, '127.0.0.1')
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1')
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const response = await fetch(new URL(path, `${url}/tasks/`), init)
    return `${response.status} ${await response.text()}`
  }
  const as = (user: string): RequestInit => ({ headers: { 'x-api-key': user } })
  async function version(of: string): Promise<string> {
    const response = await fetch(`${url}/versions`, { headers: { 'x-version': of } })
    return `${await response.text()} ${response.headers.get('vary')}`
  }
  const seen = {
    first: await ask('1'),
    second: await ask('1'),
    written: (await ask('1', { method: 'POST' })).slice(0, 3),
    third: await ask('1'),
    files: [await ask('file'), await ask('file')],
    refused: (await ask('me')).slice(0, 3),
    users: await Promise.all([ask('me', as('a')), ask('me', as('b')), ask('me', as('a'))]),
    outside: [await ask('/outside', as('a')), await ask('/outside', as('b')), await ask('/outside', as('a'))],
    asking: [await ask('/asking', as('a')), await ask('/asking', as('b'))],
    versions: [await version('1'), await version('2'), await version('1')],
    managed: await app.get<CacheManager>(CACHE_MANAGER).wrap('key', () => 1),
  }
  await app.close()
  return seen
}

const { version } = createRequire(import.meta.url)('@nestjs/core/package.json') as { readonly version: string }
const seen = { version, express: await observe(undefined), fastify: await observe(new FastifyAdapter()) }
process.stdout.write(JSON.stringify(seen))
