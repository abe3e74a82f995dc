import type { HandlerRun, HeaderList } from '@shelflife/http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** What clients ask of caches. Frameworks look at it to tell whether a response is fresh. */
const FOR_CACHES: ReadonlySet<string> = new Set(['cache-control', 'pragma'])

/** Whoever looks through all of them goes by those that are not there, too. */
const ALL = '*'

interface ToShow extends Pick<HandlerRun, 'isHidden' | 'replaced'> {
  /** Hears of each header that is read, with what is read; of `*` where it is asked which there are. */
  readonly noteRead: ((name: string, value: unknown) => void) | undefined
}

/** What every object has, and what is asked of one to write it down, is no header: these are in lower case. */
const isHeader = (name: string | symbol): name is string =>
  typeof name === 'string' && !(name in Object.prototype) && name === name.toLowerCase()

/** Headers that tell which of them are read. */
function watched<T extends object>(headers: T, note: (name: string) => void): T {
  return new Proxy(headers, {
    get(target, name) {
      if (isHeader(name)) note(name)
      return Reflect.get(target, name) as unknown
    },
    has(target, name) {
      if (isHeader(name)) note(name)
      return Reflect.has(target, name)
    },
    ownKeys(target) {
      note(ALL)
      return Reflect.ownKeys(target)
    },
    getOwnPropertyDescriptor(target, name) {
      if (typeof name === 'string') note(name)
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
}

const rawPairs = (raw: readonly string[]): HeaderList =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []))

function distinct(lines: HeaderList): NodeJS.Dict<string[]> {
  const all = Object.create(null) as NodeJS.Dict<string[]>
  for (const [name, value] of lines) (all[name.toLowerCase()] ??= []).push(value)
  return all
}

/** The headers of a request as the handler is to see them, for `overlay`: without some, with others in their place. */
export function shownHeaders(req: IncomingMessage, { isHidden, replaced, noteRead }: ToShow): PropertyDescriptorMap {
  const anew = new Set(replaced.map(([name]) => name))
  const isGone = (name: string): boolean => anew.has(name) || isHidden(name)
  const headers: IncomingHttpHeaders = { ...req.headers }
  for (const name of Object.keys(headers)) if (isGone(name)) delete headers[name]
  for (const [name, value] of replaced) headers[name] = value
  const lines = [...rawPairs(req.rawHeaders).filter(([name]) => !isGone(name.toLowerCase())), ...replaced]
  const note = (name: string): void => {
    if (!FOR_CACHES.has(name)) noteRead?.(name, headers[name])
  }
  const show = <T extends object>(all: T): T => (noteRead === undefined ? all : watched(all, note))
  function raw(pairs: HeaderList): string[] {
    note(ALL)
    for (const [name] of pairs) note(name.toLowerCase())
    return pairs.flat()
  }
  /** They are a client's like headers, and there once the body has ended. */
  const trailers = (name: 'trailers' | 'trailersDistinct'): PropertyDescriptor => ({
    get: () => show((Reflect.get(Object.getPrototypeOf(req) as object, name, req) as object | undefined) ?? {}),
  })
  return {
    headers: { value: show(headers) },
    rawHeaders: { get: () => raw(lines) },
    headersDistinct: { get: () => show(distinct(lines)) },
    trailers: trailers('trailers'),
    trailersDistinct: trailers('trailersDistinct'),
  }
}
