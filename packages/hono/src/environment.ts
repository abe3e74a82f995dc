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

/** The environment without the client, whom a refresh has none of. */
export function withoutClient(env: unknown): unknown {
  if (!isObject(env) || !Object.keys(env).some((name) => OF_THE_CLIENT.has(name))) return env
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OF_THE_CLIENT.has(name)))
}

/** Tells what is read of the client. Bindings are left alone. */
export function watchedEnvironment(env: unknown, note: (path: string) => void): unknown {
  if (!isObject(env) || ![...OF_THE_CLIENT].some((name) => name in env)) return env
  return new Proxy(env, {
    get(target, name) {
      if (OF_THE_CLIENT.has(name)) note(`c.env.${String(name)}`)
      const value: unknown = Reflect.get(target, name)
      // on Bun it may be the server itself, whose methods want to be called on it
      return typeof value === 'function' && !Object.hasOwn(target, name) ? (value.bind(target) as unknown) : value
    },
  })
}
