import { onePerProcess } from '@shelflife/core/integration'
import type { Decisions } from '@shelflife/http'
import type { ExecutionContext } from '@nestjs/common'
import { createParamDecorator } from '@nestjs/common'
import type { IncomingMessage } from 'node:http'

import { platformOf } from './platform.ts'

/** What the handlers that run for a cache decide, whichever copy of this package their decorators are of. */
const running = onePerProcess('nestjs.running', () => new WeakMap<IncomingMessage, Decisions>())

const NONE: Decisions = { tag() {}, lifetime() {}, noStore() {} }

/** Whether a handler runs for a cache already. */
export const isRunning = (req: IncomingMessage): boolean => running.has(req)

/** From now on decisions about the answer to this request are taken here. */
export function takeDecisionsOf(req: IncomingMessage, decisions: Decisions): void {
  running.set(req, decisions)
}

/**
 * What a handler decides about its response while it makes it: `tag`, `lifetime`, `noStore`. Does nothing where no
 * `@CacheResponse()` stores it.
 *
 * @example
 * @Get(':id')
 * async find(@Param('id') id: string, @CacheDecisions() decisions: Decisions) {
 *   const task = await this.tasks.find(id)
 *   decisions.tag(`project:${task.project}`)
 *   return task
 * }
 */
export const CacheDecisions: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Decisions =>
    context.getType() === 'http' ? (running.get(platformOf(context).req) ?? NONE) : NONE,
)
