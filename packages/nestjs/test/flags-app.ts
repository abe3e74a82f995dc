import { createCache } from '@shelflife/core'
import type { AttackedServer, NamedInVary } from '@shelflife/http-suite'
import { NAMED_IN_VARY } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'
import type { Type } from '@nestjs/common'
import { Controller, Get, Module, Req, Res } from '@nestjs/common'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { CacheModule, CacheResponse } from '../src/index.ts'
import type { Adapter } from './platforms.ts'
import { listen } from './platforms.ts'

type Next = () => void

/** As on-headers does it. */
function onHead(res: ServerResponse, change: () => void): void {
  const { writeHead } = res
  res.writeHead = (...args: readonly unknown[]) => {
    change()
    return Reflect.apply(writeHead, res, args) as ServerResponse
  }
}

const NAMING: Readonly<Record<NamedInVary, (res: ServerResponse) => void>> = {
  before: (res) => res.setHeader('Vary', 'Origin'),
  late: (res) => onHead(res, () => void res.appendHeader('Vary', 'X-Late')),
  'late-in-place': (res) => onHead(res, () => void res.setHeader('Vary', 'X-Late')),
  'by-the-handler': () => {},
}

function controllerOf(named: NamedInVary): Type {
  @Controller()
  class FlagController {
    @Get(named)
    @CacheResponse({ ttl: '1m', inputs: 'warn' })
    answer(
      @Req() request: object,
      @Res({ passthrough: true }) response: { header(name: string, value: string): unknown },
    ): string {
      if (named === 'by-the-handler') response.header('Vary', 'Accept')
      response.header('Cache-Control', 'public, max-age=60')
      const { raw = request } = request as { readonly raw?: object }
      return `for ${'isAlice' in raw ? 'alice' : 'bob'}`
    }
  }
  return FlagController
}

/** Leaves a flag for alice alone, and lets names come into `Vary`. */
export async function flagsApp(adapter: Adapter): Promise<AttackedServer> {
  const cache = createCache({ namespace: 'flags', store: memoryStore() })

  @Module({
    imports: [CacheModule.forRoot({ cache, responses: { onUnkeyedInput() {} } })],
    controllers: NAMED_IN_VARY.map(controllerOf),
  })
  class FlagsModule {}

  const { app, url } = await listen(adapter, FlagsModule, {
    configure(application) {
      application.use((req: IncomingMessage & { readonly originalUrl?: string }, res: ServerResponse, next: Next) => {
        if (req.headers['x-who'] === 'alice') Object.assign(req, { isAlice: true })
        const [path] = (req.originalUrl ?? '').split('?')
        const named = NAMED_IN_VARY.find((one) => `/${one}` === path)
        if (named !== undefined) NAMING[named](res)
        next()
      })
    },
  })
  return {
    origin: url,
    async close() {
      await app.close()
      await cache.close()
    },
  }
}
