import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

type Loose = Readonly<Record<string | symbol, unknown>>

const request = new IncomingMessage(new Socket())

/** What every request has of Node. */
export const OF_EVERY_REQUEST: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(request),
  // once somebody listens
  '_eventsCount',
])

/** What every request has of Express beside that. */
export const OF_EXPRESS: ReadonlySet<string | symbol> = new Set([
  'app',
  'baseUrl',
  'next',
  'originalUrl',
  'res',
  'route',
])

const above = (object: object): Loose => Object(Object.getPrototypeOf(object)) as Loose

const isNothing = (value: unknown): boolean => value === null || value === undefined
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'
const isMethod = (value: unknown): boolean => value === undefined || typeof value === 'function'

/** Of paths and targets those that nothing in front has put something else in the place of. */
export const texts = (...all: readonly unknown[]): readonly string[] => all.filter((one) => typeof one === 'string')

/** What Express makes of a path and its handlers. */
function isRoute(route: unknown): boolean {
  if (route === undefined) return true
  const { stack, dispatch } = Object(route) as Loose
  return Array.isArray(stack) && typeof dispatch === 'function'
}

/** Of Node, whatever it is later: what it leaves empty is empty or a flag. */
export function isOfKind(value: unknown, made: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === (made === undefined || made === null ? 'boolean' : typeof made)
}

type Check = (req: Loose, res: object) => boolean

const isVersion: Check = ({ httpVersion, httpVersionMajor: major, httpVersionMinor: minor }) =>
  httpVersion === undefined || major === undefined || httpVersion === [major, minor].join('.')

/** What tells whether a property is as Node and Express set it. What is part of the key is text. */
const AS_SET: Readonly<Record<string, Check>> = {
  app: (req) => req['app'] === above(req)['app'],
  baseUrl: ({ baseUrl }) => isText(baseUrl),
  client: ({ client, socket }) => client === undefined || client === socket,
  httpVersion: isVersion,
  httpVersionMajor: isVersion,
  httpVersionMinor: isVersion,
  method: ({ method }) => isText(method),
  next: ({ next }) => isMethod(next),
  originalUrl: ({ originalUrl }) => isText(originalUrl),
  res: (req, res) => req['res'] === undefined || req['res'] === res,
  route: ({ route }) => isRoute(route),
  // whichever of the two is another one
  socket: ({ client, socket }) => client === undefined || client === socket || socket instanceof Socket,
  // of one that asks for another protocol, which goes past the cache
  upgrade: ({ upgrade }) => upgrade === false || isNothing(upgrade),
  url: ({ url }) => isText(url),
}

/** Whether a property that every request has is what Node or Express has set, and nothing in front has put in its place. */
export function isAsSet(req: object, res: object, name: string | symbol): boolean {
  if (typeof name === 'symbol' || name.startsWith('_')) return true
  const check = Object.hasOwn(AS_SET, name) ? AS_SET[name] : undefined
  return check === undefined ? isOfKind(Reflect.get(req, name), Reflect.get(request, name)) : check(req as Loose, res)
}

/** The same of all of them at once: most are, and each request is asked. */
function areAsSet(req: Loose, res: object): boolean {
  return (
    (req['client'] === undefined || req['client'] === req['socket']) &&
    req['app'] === above(req)['app'] &&
    (req['res'] === res || req['res'] === undefined) &&
    isMethod(req['next']) &&
    isText(req['baseUrl']) &&
    isText(req['originalUrl']) &&
    isRoute(req['route']) &&
    (req['upgrade'] === false || isNothing(req['upgrade'])) &&
    isNothing(req['statusCode']) &&
    isNothing(req['statusMessage']) &&
    ((req['httpVersionMajor'] === 1 && req['httpVersionMinor'] === 1 && req['httpVersion'] === '1.1') ||
      isVersion(req, res))
  )
}

const NAMES = [...OF_EVERY_REQUEST, ...OF_EXPRESS].filter((name) => typeof name === 'string')

const NOTHING: readonly string[] = []

/** The names of what something in front has put in the place of what Node and Express set on a request. */
export function replacedOn(req: object, res: object): readonly string[] {
  if (areAsSet(req as Loose, res)) return NOTHING
  return NAMES.filter((name) => Object.hasOwn(req, name) && !isAsSet(req, res, name))
}

/**
 * A request as Express itself made it, whatever something in front has put in the place of its application: what Express works
 * out is asked of that.
 */
export function asMade<Req extends object>(req: Req): Req {
  const { app } = above(req)
  return (req as Loose)['app'] === app ? req : (Object.create(req, { app: { value: app } }) as Req)
}
