import { addedTo, isForOne } from '@shelflife/http'
import type { Context } from 'hono'

/** `c.res` as Hono has it. */
export interface ResponseProperty {
  get(this: Context): Response
  set(this: Context, response: Response | undefined): void
}

/** By the prototype of contexts: shared by all of them, so that they keep one shape. */
const known = new WeakMap<object, PropertyDescriptor>()

/** Whoever replaces a response gets the fields of the old one over its own. */
function keeping({ get, set }: ResponseProperty): PropertyDescriptor {
  return {
    configurable: true,
    get,
    set(this: Context, response: Response | undefined) {
      set.call(this, response)
      if (response === undefined) return
      const { headers } = get.call(this)
      for (const [name, value] of addedTo([...headers], [...response.headers])) {
        if (!isForOne([[name, value]])) continue
        // what the old one says for one client alone stays beside it
        if (name.endsWith('cache-control') && !isForOne([[name, headers.get(name) ?? '']])) headers.set(name, value)
        else headers.append(name, value)
      }
    },
  }
}

/**
 * From now on a response that something in front puts in the place of this one stays one client's if it says so: what the
 * cache says of caching beats nothing stricter.
 */
export function keepPrivate(c: Context): void {
  const prototype = Object.getPrototypeOf(c) as object
  let property = known.get(prototype)
  if (property === undefined) {
    property = keeping(Object.getOwnPropertyDescriptor(prototype, 'res') as ResponseProperty & PropertyDescriptor)
    known.set(prototype, property)
  }
  Object.defineProperty(c, 'res', property)
}
