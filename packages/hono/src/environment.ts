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

/** Environments that were made for one refresh. */
const made = new WeakSet()

/** Whether an environment is of one request, with all that is in it; that of Workers is of all. */
const isOfOne = (env: object): boolean => made.has(env) || Object.keys(env).some((name) => OF_THE_CLIENT.has(name))

/** The environment without the client, whom a refresh has none of. */
export function withoutClient(env: unknown): unknown {
  if (!isObject(env) || !isOfOne(env)) return env
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_THE_CLIENT.has(name)))
  made.add(rest)
  return rest
}

/** Tells what is read of an environment that is of one request, or of the client in any. Bindings are left alone. */
export function watchedEnvironment(env: unknown, note: (path: string) => void): unknown {
  if (!isObject(env)) return env
  const isWatched = isOfOne(env)
  if (!isWatched && ![...OF_THE_CLIENT].some((name) => name in env)) return env
  const own = new Set<string | symbol>()
  return new Proxy(env, {
    get(target, name) {
      const isLeft = isWatched && typeof name === 'string' && Object.hasOwn(target, name) && !own.has(name)
      if (isLeft || OF_THE_CLIENT.has(name)) note(`c.env.${String(name)}`)
      const value: unknown = Reflect.get(target, name)
      // on Bun it may be the server itself, whose methods want to be called on it
      return typeof value === 'function' && !Object.hasOwn(target, name) ? (value.bind(target) as unknown) : value
    },
    set(target, name, value) {
      own.add(name)
      return Reflect.set(target, name, value)
    },
  })
}
