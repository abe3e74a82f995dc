import { isForOne } from '@shelflife/http'
import type { Context } from 'hono'

/** `c.res` as Hono has it. */
export interface ResponseProperty {
  get(this: Context): Response
  set(this: Context, response: Response | undefined): void
}

/** By the prototype of contexts: shared by all of them, so that they keep one shape. */
const known = new WeakMap<object, ResponseProperty>()

/** Whoever replaces a response gets the fields of the old one over its own. */
function keeping({ get, set }: ResponseProperty): ResponseProperty {
  return {
    get,
    set(response) {
      set.call(this, response)
      if (response === undefined) return
      const { headers } = get.call(this)
      for (const [name, value] of response.headers) {
        if (!isForOne([[name, value]]) || headers.get(name)?.includes(value) === true) continue
        if (name.endsWith('cache-control')) headers.set(name, value)
        else headers.append(name, value)
      }
    },
  }
}

/**
 * From now on a response that something in front puts in the place of this one stays one client's if it says so: what the cache
 * says of caching beats nothing stricter.
 */
export function keepPrivate(c: Context): void {
  const prototype = Object.getPrototypeOf(c) as object
  let property = known.get(prototype)
  if (property === undefined) {
    property = keeping(Object.getOwnPropertyDescriptor(prototype, 'res') as ResponseProperty & PropertyDescriptor)
    known.set(prototype, property)
  }
  Object.defineProperty(c, 'res', { ...property, configurable: true })
}
