import type { Type } from '@nestjs/common'
import { isPlain } from '@shelflife/node-http'
import { isDeepStrictEqual } from 'node:util'

/** Where Nest keeps what `@Controller({ host })` states. */
const HOST = 'host'

const PARTS: Readonly<Record<string, string>> = { '{': '(?:', '}': ')?' }

/** What Nest makes of a pattern of text, with a name for each parameter; of one that is quoted or escaped none. */
function expressionOf(pattern: unknown): RegExp | undefined {
  if (pattern instanceof RegExp) return new RegExp(pattern.source, pattern.flags)
  if (typeof pattern !== 'string' || /["\\]/.test(pattern)) return undefined
  const source = pattern.replaceAll(/([:*])(\w+)|[^\w-]/g, (all, kind: string | undefined, name: string) => {
    if (kind === undefined) return PARTS[all] ?? `\\${all}`
    return `(?<${name}>${kind === ':' ? '[^/]+' : '.+'})`
  })
  try {
    return new RegExp(`^${source}$`, 'i')
  } catch {
    return undefined
  }
}

const known = new WeakMap<Type, readonly (RegExp | undefined)[]>()

function expressionsOf(controller: Type): readonly (RegExp | undefined)[] {
  const found = known.get(controller)
  if (found !== undefined) return found
  const stated = Reflect.getMetadata(HOST, controller) as unknown
  const made = stated === undefined ? [] : [stated].flat().map(expressionOf)
  known.set(controller, made)
  return made
}

/** Whether a controller is one of certain hosts: then Nest leaves their parameters on each request, were there none. */
export const hasHost = (controller: Type): boolean => expressionsOf(controller).length > 0

/**
 * Whether the parameters of a host are what its controller finds in it: whoever stands in
 * front of a handler can change them.
 */
export function areOfHost(params: unknown, controller: Type, authority: string): boolean {
  if (!isPlain(params)) return false
  const host = authority.replace(/:\d*$/, '')
  for (const expression of expressionsOf(controller)) {
    if (expression === undefined) return false
    const match = host.match(expression)
    if (match === null) continue
    const stated = Object.entries({ ...match.groups }).filter(([, value]) => value !== undefined)
    return isDeepStrictEqual(params, Object.fromEntries(stated))
  }
  return false
}
