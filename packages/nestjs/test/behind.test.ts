import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { describeBehind } from '@shelflife/http-suite'

import { attackedApp } from './attacked-app.ts'

describeBehind('NestJS on Express', (routes) => attackedApp(() => new ExpressAdapter(), routes))
describeBehind('NestJS on Fastify', (routes) => attackedApp(() => new FastifyAdapter(), routes))
