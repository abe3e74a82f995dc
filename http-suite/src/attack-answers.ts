import { attackHandlers } from './attack-handlers.ts'
import type { AttackReply, AttackRequest } from './attack-message.ts'
import type { AttackRoute } from './attack-route.ts'

/** What `cache.stats()` says of the local store. */
export interface AttackStats {
  readonly entries: number
  readonly bytes: number
}

/** Runs the handlers of one server under attack, and counts. */
export type AttackAnswers = (route: AttackRoute, request: AttackRequest) => Promise<AttackReply>

/**
 * Makes what answers all routes of one server. Needs neither Node nor vitest, so that it can run in a worker.
 *
 * @param stats of the cache under attack
 * @example
 * const answer = createAttackAnswers(() => cache.stats())
 * for (const route of routes) app.get(route.path, async (req, res) => send(res, await answer(route, seen(req))))
 */
export function createAttackAnswers(stats: () => AttackStats): AttackAnswers {
  const runs = new Map<string, number>()
  const memory = new Map<string, number>()
  return async (route, request) => {
    if (route.handler === 'facts') {
      const { entries, bytes } = stats()
      const body = JSON.stringify({ runs: Object.fromEntries(runs), entries, bytes })
      return { headers: [['Content-Type', 'application/json']], body }
    }
    const name = `${route.method} ${route.path}`
    const run = (runs.get(name) ?? 0) + 1
    runs.set(name, run)
    return attackHandlers[route.handler](request, { run, memory })
  }
}
