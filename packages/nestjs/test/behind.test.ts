import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { describeBehind } from '@shelflife/http-suite'

import { attackedApp } from './attacked-app.ts'
import { flagsApp } from './flags-app.ts'

for (const [name, adapter] of [
  ['NestJS on Express', () => new ExpressAdapter()],
  ['NestJS on Fastify', () => new FastifyAdapter()],
] as const) {
  describeBehind(name, {
    mount: (routes) => attackedApp(adapter, routes),
    mountFlags: () => flagsApp(adapter),
  })
}
