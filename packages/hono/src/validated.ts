import type { Context } from 'hono'

import type { HandlerPart } from './handler-part.ts'

interface Validated {
  valid(target: string): unknown
  addValidatedData(target: string, data: unknown): void
}

type Sent = Readonly<Record<string, readonly string[]>>

/** What is validated of these is made of what one client sent beside the URI. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['header', 'cookie'])

/** What was sent by the URI; a request that is cached has no body. */
function sentBy({ req }: Context, target: string): Sent {
  if (target === 'query') return req.queries()
  if (target !== 'param') return {}
  return Object.fromEntries(Object.entries<string>(req.param()).map(([name, value]) => [name, [value]]))
}

const folded = (text: string): string => text.trim().toLowerCase()

/** Whether a value is one of the texts that were sent, or what validators usually make of one. */
function isOneOf(value: unknown, sent: readonly string[]): boolean {
  switch (typeof value) {
    case 'undefined':
      return true
    case 'string':
      return sent.some((text) => folded(text) === folded(value))
    case 'number':
      return sent.some((text) => Number(text) === value)
    case 'boolean':
      return sent.length > 0
    default:
      return value instanceof Date && sent.some((text) => Date.parse(text) === value.getTime())
  }
}

/** Whether all of a value stands in its properties. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value)
}

/** The same of all that stands in a value. */
const isMadeOf = (value: unknown, sent: readonly string[]): boolean =>
  isPlain(value) ? Object.values(value).every((one) => isMadeOf(one, sent)) : isOneOf(value, sent)

/** Whether what a validator gave has no more than was sent, each under its name. Validators get the context as well. */
const isOfSent = (value: unknown, sent: Sent): boolean =>
  isPlain(value) && !Array.isArray(value)
    ? Object.entries(value).every(([name, one]) => isMadeOf(one, Object.hasOwn(sent, name) ? (sent[name] ?? []) : []))
    : isMadeOf(value, Object.values(sent).flat())

/** Tells what is read that validators in front have made of headers and cookies, or of more than the URI. */
export function watchValidated(c: Context, part: HandlerPart, note: (path: string) => void): void {
  const { req } = c
  const own = new Set<string>()
  const { valid, addValidatedData } = req as unknown as Validated
  const isOfUri = (target: string, value: unknown): boolean =>
    !OF_THE_CLIENT.has(target) && isOfSent(value, sentBy(c, target))
  Object.defineProperties(req, {
    valid: {
      value(target: string) {
        const value = valid.call(req, target)
        if (value !== undefined && part.isNow() && !own.has(target) && !isOfUri(target, value))
          note(`c.req.valid.${target}`)
        return value
      },
    },
    addValidatedData: {
      value(target: string, data: unknown) {
        if (part.isNow()) own.add(target)
        addValidatedData.call(req, target, data)
      },
    },
  })
}
