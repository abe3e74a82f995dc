import type { HandlerRun } from '@shelflife/http'
import type { Context } from 'hono'

import type { HandlerPart } from './handler-part.ts'

type Fields = Record<string, string>

/** What every object has, and what is asked of one to write it down, is no header: these are in lower case. */
const isHeader = (name: string | symbol): name is string =>
  typeof name === 'string' && !(name in Object.prototype) && name === name.toLowerCase()

/** All headers as a plain object, without telling so. */
function fieldsOf(headers: Headers): Fields {
  const fields = Object.create(null) as Fields
  Headers.prototype.forEach.call(headers, (value, name) => void (fields[name] = value))
  return fields
}

interface ToWatch {
  readonly part: HandlerPart
  readonly noteRead: NonNullable<HandlerRun['noteRead']>
  /** Somebody has gone through all of them, and so goes by those that are not there, too. */
  noteAll(): void
}

function watched(fields: Fields, { noteRead, noteAll }: ToWatch): Fields {
  const tell = (name: string | symbol): void => {
    if (isHeader(name)) noteRead(name)
  }
  return new Proxy(fields, {
    get(target, name) {
      tell(name)
      return Reflect.get(target, name) as unknown
    },
    has(target, name) {
      tell(name)
      return Reflect.has(target, name)
    },
    ownKeys(target) {
      for (const name of Object.keys(target)) tell(name)
      noteAll()
      return Reflect.ownKeys(target)
    },
    getOwnPropertyDescriptor(target, name) {
      tell(name)
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
}

/** `c.req.header()` gives all headers at once: those count as read that are looked for in there. */
export function watchAllHeaders({ req }: Context, watch: ToWatch): void {
  const { raw: seen } = req
  const { header } = req as { readonly header: (name?: string) => unknown }
  // what something in front has put in its place is watched itself
  if (Object.hasOwn(req, 'header')) return
  Object.defineProperty(req, 'header', {
    value: (name?: string): unknown => {
      // a request that the handler has made is its own
      const isAll = !name && watch.part.isNow() && req.raw === seen
      return isAll ? watched(fieldsOf(seen.headers), watch) : header.call(req, name)
    },
  })
}
