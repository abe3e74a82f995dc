import { afterAll, beforeAll, describe } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { createAttackClient } from './attack-client.ts'
import { failureAttacks } from './attack-failures.ts'
import type { AttackSizes } from './attack-floods.ts'
import { floodAttacks } from './attack-floods.ts'
import { identityAttacks } from './attack-identity.ts'
import { poisoningAttacks } from './attack-poisoning.ts'
import { refusalAttacks } from './attack-refusals.ts'
import type { AttackRoute } from './attack-route.ts'
import { ATTACK_ROUTES } from './attack-routes.ts'
import { targetAttacks } from './attack-targets.ts'
import { timingAttacks } from './attack-timing.ts'

/** A server that listens. */
export interface AttackedServer {
  /** Such as `http://127.0.0.1:4711`. */
  readonly origin: string
  close(): Promise<void>
}

/** Several times what the store holds. */
const USUAL: AttackSizes = { queries: 3000, agents: 1000 }
const WHOLE: AttackSizes = { queries: 100_000, agents: 10_000 }
const isWhole = process.env['FLOODS'] === 'whole'

export interface AttackOptions {
  /**
   * Brings a server with these routes up on loopback: handlers from `createAttackAnswers`, in front of them the response
   * cache with `ATTACK_RESPONSES`, in profile `safe`, over a local store with `ATTACK_STORE`.
   */
  readonly mount: (routes: readonly AttackRoute[]) => Promise<AttackedServer>
  /** Whether a client sees that a body was cut. Where the server hides it nothing partial may be stored all the same. Default true. */
  readonly areCutsSeen?: boolean
}

/**
 * A vitest suite of what a response cache must withstand: one attack a test, sent as raw HTTP to a real server. With
 * `FLOODS=whole` in the environment the floods are of 100,000 queries and 10,000 user agents, instead of 3,000 and 1,000.
 *
 * @example
 * describeAttacks('Express 5', { mount: async (routes) => listen(attackedApp(routes)) })
 */
export function describeAttacks(name: string, { mount, areCutsSeen = true }: AttackOptions): void {
  describe(name, () => {
    let server: AttackedServer
    let client: AttackClient
    beforeAll(async () => {
      server = await mount(ATTACK_ROUTES)
      client = createAttackClient(server.origin)
    })
    afterAll(() => server.close())

    const at = (): AttackClient => client
    describe('identity', () => identityAttacks(at))
    describe('refusals', () => refusalAttacks(at))
    describe('poisoning', () => poisoningAttacks(at))
    describe('failures', () => failureAttacks(at, { areCutsSeen }))
    describe('targets', () => targetAttacks(at))
    describe('timing', () => timingAttacks(at))
    describe('floods', () => floodAttacks(at, isWhole ? WHOLE : USUAL))
  })
}
