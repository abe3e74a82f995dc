export { type AttackAnswers, type AttackStats, createAttackAnswers } from './attack-answers.ts'
export type { AttackSizes } from './attack-floods.ts'
export type { AttackReply, AttackRequest } from './attack-message.ts'
export type { AttackCache, AttackRoute } from './attack-route.ts'
export { ATTACK_RESPONSES, ATTACK_ROUTES, ATTACK_STORE } from './attack-routes.ts'
export { type AttackedServer, type AttackOptions, describeAttacks } from './describe-attacks.ts'
export type { NamedInVary } from './describe-behind.ts'
export { describeBehind, NAMED_IN_VARY } from './describe-behind.ts'
export {
  describeInFront,
  type InFrontOptions,
  type Moment,
  flagPathsOf,
  MOMENTS,
  pathOf,
  QUESTIONS,
} from './describe-in-front.ts'
export { describeMixedLoad } from './describe-mixed-load.ts'
export { MIXED_RESPONSES, MIXED_ROUTES } from './mixed-routes.ts'
export { declined } from './declined.ts'
export { describeSharedCache, type Mounted, type SharedCacheOptions } from './describe-shared-cache.ts'
