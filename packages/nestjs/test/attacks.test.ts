import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import { describeAttacks } from '@shelflife/http-suite'

import { attackedApp } from './attacked-app.ts'

/** Says the same about every target that it cannot decode. */
const undecodable = new FastifyAdapter({
  frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => void reply.code(400).send('bad target'),
})

describeAttacks('Express', { mount: (routes) => attackedApp(() => new ExpressAdapter(), routes) })
describeAttacks('Fastify', { mount: (routes) => attackedApp(() => undecodable as never, routes) })
