import { isJar, overlay } from '@shelflife/node-http'

import type { Platform } from './platform.ts'

/**
 * Of the cookies that something in front has parsed, those that the handler may see, and what something else has made of them,
 * which it reads as an input.
 */
function shownCookies(
  holder: object,
  cookies: readonly string[] | undefined,
  { path, changed, tell }: { readonly path: string; readonly changed: readonly string[]; tell(path: string): void },
): PropertyDescriptorMap {
  if (cookies === undefined) return {}
  const names = ['cookies', 'signedCookies'].filter((name) => isJar(Reflect.get(holder, name)))
  const shown = names.map((name): readonly [string, PropertyDescriptor] => {
    const all = Reflect.get(holder, name) as Record<string, unknown>
    const seen = [...cookies, ...changed].filter((cookie) => Object.hasOwn(all, cookie))
    const value: unknown = Object.assign(
      Object.create(null),
      Object.fromEntries(seen.map((cookie) => [cookie, all[cookie]])),
    )
    if (changed.length === 0) return [name, { value }]
    const get = (): unknown => {
      tell(`${path}.${name}`)
      return value
    }
    return [name, { get }]
  })
  return Object.fromEntries(shown)
}

/** The same wherever parsers leave them: middlewares do so on the request of Node. */
export function showCookies(
  { request, req, reply }: Platform,
  cookies: readonly string[] | undefined,
  told: Omit<Parameters<typeof shownCookies>[2], 'path'>,
): () => void {
  const end = overlay(request, shownCookies(request, cookies, { path: 'req', ...told }))
  if (reply === undefined) return end
  const endBeneath = overlay(req, shownCookies(req, cookies, { path: 'req.raw', ...told }))
  return () => {
    endBeneath()
    end()
  }
}
