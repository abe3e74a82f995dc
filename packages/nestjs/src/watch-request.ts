import { overlay, watchConnection, watchProperties, WHO_ASKS } from '@shelflife/node-http'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

import type { Platform } from './platform.ts'

/** What is made of the URI, or is the client's part of a connection that is watched itself. */
const OF_NODE: ReadonlySet<string | symbol> = new Set(Reflect.ownKeys(new IncomingMessage(new Socket())))

/** What HTTP/2 calls the symbols of its requests. */
const OF_HTTP2: ReadonlySet<string | undefined> = new Set([
  'state',
  'headers',
  'rawHeaders',
  'trailers',
  'rawTrailers',
  'stream',
  'aborted',
])

/** Of the platforms, of Nest, and of what lets middlewares of Express run on Fastify: made of the URI, or nothing of a client. */
const OF_FRAMEWORK: ReadonlySet<string | symbol> = new Set([
  'app',
  'baseUrl',
  'hostname',
  'hosts',
  'id',
  'log',
  'next',
  'originalUrl',
  'params',
  'protocol',
  'query',
  'raw',
  'res',
  'route',
])

const SYMBOL_OF_FRAMEWORK = /^(?:fastify\.|REQUEST_CONTEXT_ID$)/

/** What may hold nothing, and then nobody has left anything there. */
const CONTAINERS: ReadonlySet<string | symbol> = new Set(['body', 'cookies', 'signedCookies'])

/** What the platforms work out from what is part of the key. */
const OF_URI = ['protocol', 'secure', 'host', 'hostname', 'subdomains', 'port']

const OF_ADDRESS = ['ip', 'ips']

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

function isOfFramework(object: object, name: string | symbol): boolean {
  if (OF_NODE.has(name) || OF_FRAMEWORK.has(name)) return true
  if (CONTAINERS.has(name)) return isEmpty(Reflect.get(object, name))
  if (typeof name === 'string') return false
  const { description = '' } = name
  return SYMBOL_OF_FRAMEWORK.test(description) || (!(object instanceof IncomingMessage) && OF_HTTP2.has(description))
}

/** A request whose reads are told. */
export interface WatchedRequest {
  end(): void
  isQuiet(): boolean
  /** What is read meanwhile is read on the way to the client, or by the platform, and makes nothing of the answer. */
  quietly<Result>(run: () => Result): Result
}

interface ToWatch {
  /** Is told the path of what is read. */
  readonly tell: (path: string) => void
  /** Those that the route declares: they are shown, and part of the key. */
  readonly cookies: readonly string[] | undefined
}

/** The accessors of a platform that read what is told when others read it. */
function accessors(request: object, names: readonly string[], read: (name: string) => unknown): PropertyDescriptorMap {
  const inherited = names.filter((name) => name in request && !Object.hasOwn(request, name))
  return Object.fromEntries(inherited.map((name) => [name, { get: () => read(name), enumerable: false }]))
}

/** Tells what is read of what something in front has left on a request, and of its connection, by its path. */
export function watchRequest({ request, req, res, reply }: Platform, { tell, cookies }: ToWatch): WatchedRequest {
  let isQuiet = false
  const note = (path: string): void => {
    if (!isQuiet) tell(path)
  }
  function quietly<Result>(run: () => Result): Result {
    const before = isQuiet
    isQuiet = true
    try {
      return run()
    } finally {
      isQuiet = before
    }
  }
  const isDeclared = (name: string | symbol): boolean =>
    cookies !== undefined && (name === 'cookies' || name === 'signedCookies')
  const watch = (object: object, path: string): (() => void) =>
    watchProperties(object, {
      path,
      isOfFramework: (name) => isDeclared(name) || isOfFramework(object, name),
      absent: WHO_ASKS,
      note,
    })

  const prototype = Object.getPrototypeOf(request) as object
  const inherited = (name: string): unknown => quietly(() => Reflect.get(prototype, name, request) as unknown)
  const ends: (() => void)[] = [
    watch(request, 'req'),
    overlay(request, {
      ...accessors(request, OF_URI, inherited),
      ...accessors(request, OF_ADDRESS, (name) => {
        note(`req.${name}`)
        return inherited(name)
      }),
    }),
  ]
  if ((request as unknown) !== req) ends.push(watch(req, 'req.raw'))
  const connection = watchConnection(req, note)
  ends.push(connection.end, overlay(req, connection.properties))
  const { locals } = (reply ?? res) as { readonly locals?: unknown }
  if (typeof locals === 'object' && locals !== null) {
    ends.push(
      watchProperties(locals, {
        path: `${reply === undefined ? 'res' : 'reply'}.locals`,
        isOfFramework: () => false,
        absent: WHO_ASKS,
        note,
      }),
    )
  }
  return {
    isQuiet: () => isQuiet,
    quietly,
    end() {
      for (const end of ends.toReversed()) end()
    },
  }
}
