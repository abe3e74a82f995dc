import { onePerProcess } from '@shelflife/core/integration'

/** What runtimes and their adapters put into the environment of one request: its connection, who sent it, its event. */
const OF_THE_CLIENT: ReadonlySet<string | symbol> = new Set([
  'incoming',
  'outgoing',
  'server',
  'remoteAddr',
  'requestIP',
  'event',
  'requestContext',
  'eventContext',
  'lambdaContext',
  'context',
])

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Environments that were made for one refresh, and what they were made of. */
const made = onePerProcess('hono.environments', () => new WeakMap<object, object>())

/** Environments that handlers were shown before. */
const shown = new WeakSet()

/** Whether nobody can say yet if an environment is of one request, or of all as on Workers, where it comes again. */
function isNew(env: object): boolean {
  if (shown.has(env)) return false
  shown.add(env)
  return true
}

/** Whether an environment is of one request, with all that is in it; that of Workers is of all. */
const isOfOne = (env: object): boolean => made.has(env) || Object.keys(env).some((name) => OF_THE_CLIENT.has(name))

/** Whether something in an environment is there without anybody's doing. */
export const isOfRuntime = (name: string): boolean => OF_THE_CLIENT.has(name)

/** An environment in which something in front can leave what is of one request. */
export const environmentOfOne = (env: unknown): object | undefined => (isObject(env) && isOfOne(env) ? env : undefined)

/** The environment without the client, whom a refresh has none of. */
export function withoutClient(env: unknown): unknown {
  if (!isObject(env) || !isOfOne(env)) return env
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_THE_CLIENT.has(name)))
  made.set(rest, env)
  return rest
}

/** What Node was asked for; absent on other runtimes, and where nobody hands the environment on. */
interface Asked {
  readonly url?: unknown
  readonly headers?: Readonly<Record<string, unknown>>
}

interface Environment {
  readonly incoming?: Asked
}

/** The request as it came to Node, also that of a client whose response is refreshed. */
export function askedOf(env: unknown): Asked {
  if (!isObject(env)) return {}
  const { incoming = (made.get(env) as Environment | undefined)?.incoming } = env as Environment
  return isObject(incoming) ? incoming : {}
}

interface ToWatch {
  note(path: string): void
  /** Something was read that may be of this request alone. */
  noteUnsure(): void
  /** The request of the runtime for one that the handler is shown. */
  original(this: void, value: unknown): unknown
}

type Method = (...args: readonly unknown[]) => unknown

/** A method of a runtime's object: it wants to be called on that, and Bun knows only the requests that it has made. */
const methodOf =
  (target: object, method: Method, original: (value: unknown) => unknown): Method =>
  (...args) =>
    method.apply(target, args.map(original))

/** Tells what is read of an environment that is of one request, or of the client in any. Bindings are left alone. */
export function watchedEnvironment(env: unknown, { note, noteUnsure, original }: ToWatch): unknown {
  if (!isObject(env)) return env
  const isWatched = isOfOne(env)
  const isUnsure = !isWatched && isNew(env)
  if (!isWatched && !isUnsure && ![...OF_THE_CLIENT].some((name) => name in env)) return env
  const own = new Set<string | symbol>()
  const valueOf = (target: object, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, name)
    if (typeof value === 'function' && !Object.hasOwn(target, name)) return methodOf(target, value as Method, original)
    return name === 'server' && isObject(value) ? new Proxy(value, { get: valueOf }) : value
  }
  return new Proxy(env, {
    get(target, name) {
      const isHeld = isWatched ? name in target && !(name in Object.prototype) : Object.hasOwn(target, name)
      const isLeft = typeof name === 'string' && isHeld && !own.has(name)
      if ((isWatched && isLeft) || (OF_THE_CLIENT.has(name) && name in target)) note(`c.env.${String(name)}`)
      else if (isUnsure && isLeft) noteUnsure()
      return valueOf(target, name)
    },
    set(target, name, value) {
      own.add(name)
      return Reflect.set(target, name, value)
    },
  })
}
