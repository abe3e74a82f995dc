import { contentHandlers } from './attack-content-handlers.ts'
import { failureHandlers } from './attack-failure-handlers.ts'
import { identityHandlers } from './attack-identity-handlers.ts'
import { mixedHandlers } from './attack-mixed-handlers.ts'
import type { AttackContext, AttackReply, AttackRequest } from './attack-message.ts'

type Handle = (request: AttackRequest, context: AttackContext) => AttackReply | Promise<AttackReply>

/** Everything a handler of a server under attack can do, by name. */
export const attackHandlers = {
  ...identityHandlers,
  ...contentHandlers,
  ...failureHandlers,
  ...mixedHandlers,
  /** What was counted. Answered by `createAttackAnswers`, which knows. */
  facts: () => ({}),
} satisfies Record<string, Handle>

export type AttackHandler = keyof typeof attackHandlers
