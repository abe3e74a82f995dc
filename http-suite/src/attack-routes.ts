import type { AttackCache, AttackRoute } from './attack-route.ts'

/** Options for the local store of a cache under attack. */
export const ATTACK_STORE = { maxEntries: 1000, maxBytes: 4 * 2 ** 20 } as const

/** Options for the response cache under attack. What is not here stays as it comes. */
export const ATTACK_RESPONSES = { maxFillTime: 2000, onUnkeyedInput: () => {} } as const

const MINUTE: AttackCache = { ttl: 60_000 }

const cached = (path: string, handler: AttackRoute['handler'], cache: AttackCache = MINUTE): AttackRoute => ({
  method: 'GET',
  path,
  cache,
  handler,
})

const bare = (path: string, handler: AttackRoute['handler']): AttackRoute => ({ method: 'GET', path, handler })

const write = (path: string, tags: readonly string[], handler: AttackRoute['handler']): AttackRoute => ({
  method: 'POST',
  path,
  invalidates: { tags },
  handler,
})

/** Every route of a server under attack. */
export const ATTACK_ROUTES: readonly AttackRoute[] = [
  bare('/facts', 'facts'),
  cached('/greeting', 'greeting'),
  cached('/greeting-without-cookies', 'greeting', { ...MINUTE, cookies: 'ignore' }),
  // whoever has a cookie is answered from the cache, too, and so causes refreshes
  cached('/public-greeting', 'public-greeting', { ...MINUTE, cookies: 'ignore' }),
  cached('/session', 'session'),
  cached('/home', 'home'),
  cached('/account', 'account'),
  cached('/refusing', 'refusing'),
  cached('/permitting', 'permitting'),
  cached('/reflection', 'reflection', { ...MINUTE, inputs: 'strict' }),
  cached('/declared-reflection', 'declared-reflection', { ...MINUTE, inputs: 'strict' }),
  cached('/for-user', 'for-user', { ...MINUTE, headers: ['x-user'] }),
  cached('/for-named', 'for-named', { ...MINUTE, headers: ['x-user'] }),
  cached('/for-key', 'for-key'),
  cached('/for-plan', 'for-plan'),
  cached('/for-cookie', 'for-cookie', { ...MINUTE, cookies: { vary: ['lang'] } }),
  cached('/for-cookie-undeclared', 'for-cookie'),
  cached('/stated-greeting', 'stated-greeting'),
  cached('/in-language', 'in-language'),
  bare('/bare-for-all', 'for-all'),
  cached('/host', 'host'),
  cached('/document', 'document'),
  cached('/method', 'method'),
  write('/method', [], 'method'),
  cached('/fussy', 'fussy'),
  cached('/gzip', 'gzip'),
  cached('/failing', 'failing'),
  cached('/hanging', 'hanging'),
  cached('/dying', 'dying'),
  cached('/slow', 'slow'),
  cached('/events', 'events'),
  cached('/paths/*', 'target'),
  bare('/bare/*', 'target'),
  cached('/queries', 'target'),
  bare('/bare-queries', 'target'),
  cached('/allowed-page', 'page', { ...MINUTE, query: { allow: ['page'] } }),
  cached('/ignored-utm', 'page', { ...MINUTE, query: { ignore: ['utm'] } }),
  bare('/bare-page', 'page'),
  cached('/tagged', 'tagged'),
  write('/drop-a', ['a'], 'writing'),
  cached('/unique', 'run'),
  cached('/agent', 'agent'),
  cached('/steady', 'run'),
  cached('/refreshing', 'run', { ttl: 1000, staleWhileRevalidate: 60_000 }),
  cached('/upgrading', 'run'),
  cached('/reading', 'reading'),
  write('/writing', ['written'], 'writing'),
  write('/reading', [], 'writing'),
]
