import { mixedHandlers } from './attack-mixed-handlers.ts'
import type { AttackRoute } from './attack-route.ts'

/** Handlers of the mixed load by name. */
export const MIXED = Object.keys(mixedHandlers) as (keyof typeof mixedHandlers)[]

/** Some URLs each. */
export const MIXED_URLS = 3

/** Options for the response cache under a mixed load: whoever is made to wait waits for long, so that it is seen. */
export const MIXED_RESPONSES = { onUnkeyedInput: () => {} } as const

/** Every route of a server under a mixed load: entries live for a moment and are refreshed all the time. */
export const MIXED_ROUTES: readonly AttackRoute[] = [
  { method: 'GET', path: '/facts', handler: 'facts' },
  ...MIXED.flatMap((handler) =>
    Array.from({ length: MIXED_URLS }, (_, i): AttackRoute => ({
      method: 'GET',
      path: `/${handler}/${i}`,
      cache: { ttl: 150, staleWhileRevalidate: 150 },
      handler,
    })),
  ),
]
