import 'reflect-metadata'
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common'
import { Catch, Controller, Get, Header, Module, Post, Query, Res, StreamableFile, UseFilters } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { memoryStore } from '@shelflife/memory'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

import { CacheModule, CacheResponse } from '../../src/index.ts'

// nobody listens for exceptions that nobody catches: whatever is wrong ends this process

interface AnyReply {
  readonly raw?: ServerResponse
  status(status: number): AnyReply
  header(name: string, value: string): AnyReply
  send(body: string): unknown
}

const nodeOf = (reply: AnyReply): ServerResponse => reply.raw ?? (reply as unknown as ServerResponse)

async function* slowly() {
  for (let i = 0; i < 8; i++) {
    yield Buffer.alloc(64 * 1024, 'x')
    await sleep(10)
  }
}

@Catch()
class Careless implements ExceptionFilter {
  catch(error: { readonly status?: number }, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<AnyReply>()
    reply.status(error.status as number).send('careless')
  }
}

let turns = 0

@Controller()
@CacheResponse({ ttl: '1m' })
class Way {
  @Get('private')
  @Header('Cache-Control', 'private')
  @Header('ETag', '"one"')
  @Header('Last-Modified', 'Mon, 01 Jan 2024 00:00:00 GMT')
  private(): StreamableFile {
    return new StreamableFile(Readable.from(slowly()))
  }

  @Get('shared')
  @Header('ETag', '"one"')
  shared(): StreamableFile {
    return new StreamableFile(Readable.from(slowly()))
  }

  @Get('turning')
  @CacheResponse({ ttl: 50, staleWhileRevalidate: '1m' })
  turning(@Res({ passthrough: true }) reply: AnyReply): StreamableFile {
    if (++turns > 1) reply.header('Cache-Control', 'private')
    return new StreamableFile(Readable.from(slowly()))
  }

  @Get('turns')
  @CacheResponse({ ttl: 1, setCookie: 'refuse' })
  turns(@Res() reply: AnyReply): void {
    reply.header('Cache-Control', 'no-store').send(`${turns}`)
  }

  @Get('name')
  name(@Query('name') name: string, @Res() reply: AnyReply): void {
    nodeOf(reply).writeHead(200, { 'Content-Disposition': `attachment; filename="${name}"` })
    nodeOf(reply).end('named')
  }

  @Post('name')
  postedName(@Query('name') name: string, @Res() reply: AnyReply): void {
    this.name(name, reply)
  }

  @Get('header')
  header(@Res() reply: AnyReply): void {
    reply.header('bad name', 'x').send('header')
  }

  @Get('careless')
  @UseFilters(Careless)
  careless(): void {
    throw new Error('careless')
  }

  @Post('careless')
  @UseFilters(Careless)
  postedCareless(): void {
    throw new Error('careless')
  }

  @Get('status')
  status(@Query('status') status: string, @Res() reply: AnyReply): void {
    nodeOf(reply).statusCode = Number(status)
    nodeOf(reply).end('status')
  }

  @Post('status')
  postedStatus(@Query('status') status: string, @Res() reply: AnyReply): void {
    this.status(status, reply)
  }

  @Get('trailer')
  trailer(@Res() reply: AnyReply): void {
    nodeOf(reply).setHeader('Trailer', 'X-Sum')
    nodeOf(reply).write('one')
    nodeOf(reply).end('two')
  }

  @Post('trailer')
  postedTrailer(@Res() reply: AnyReply): void {
    nodeOf(reply).setHeader('Trailer', 'X-Sum')
    nodeOf(reply).end('one')
  }

  @Post('chunk')
  chunk(@Res() reply: AnyReply): void {
    nodeOf(reply).write({ not: 'text' } as never)
  }

  @Post('end')
  end(@Res() reply: AnyReply): void {
    nodeOf(reply).setHeader('Content-Length', '2')
    nodeOf(reply).end(42 as never)
  }

  @Get('sent')
  sent(@Res() reply: AnyReply): void {
    const res = nodeOf(reply)
    res.setHeader('X-Early', '1')
    res.writeHead(200)
    const steps = [
      () => res.setHeader('X-Late', '1'),
      () => res.appendHeader('X-Late', '1'),
      () => res.removeHeader('X-Early'),
      () => res.writeHead(200),
    ]
    for (const step of steps) {
      try {
        step()
        res.write('nothing thrown ')
      } catch (error) {
        res.write(`${(error as { readonly code: string }).code} `)
      }
    }
    res.end()
  }

  @Post('sent')
  postedSent(@Res() reply: AnyReply): void {
    this.sent(reply)
  }

  @Get('late')
  late(@Res() reply: AnyReply): void {
    nodeOf(reply).write('first')
    throw new Error('after the first byte')
  }

  @Get('fine')
  fine(): string {
    return 'fine'
  }
}

@Module({
  imports: [CacheModule.forRoot({ namespace: 'way', store: () => memoryStore(), responses: { onUnkeyedInput() {} } })],
  controllers: [Way],
})
class AppModule {}

const options = { logger: false, abortOnError: false } as const
const app = await (process.argv[2] === 'Fastify'
  ? NestFactory.create(AppModule, new FastifyAdapter(), options)
  : NestFactory.create(AppModule, options))
await app.listen(0, '127.0.0.1')
process.send?.((await app.getUrl()).replace('[::1]', '127.0.0.1'))
