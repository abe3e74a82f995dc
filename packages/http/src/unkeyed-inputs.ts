import { isInput } from './identity.ts'
import type { RoutePolicy, UnkeyedInput } from './options.ts'

/** What a handler read while it made a response. */
export interface Inputs {
  /** Request headers, in lower case. */
  readonly headers: ReadonlySet<string>
  /** What something in front had left for it, by path. */
  readonly properties: ReadonlySet<string>
}

/** Part of the key, hidden from the handler during a fill, about the connection alone, or never shared with. */
const ALWAYS_FINE = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'transfer-encoding',
  'upgrade',
])

/** What a handler read and whose values nothing tells apart. */
export function unkeyedInputs(
  { headers, properties }: Inputs,
  vary: readonly string[],
  route: Pick<RoutePolicy, 'headers' | 'unkeyed'>,
): readonly Omit<UnkeyedInput, 'path'>[] {
  const isKeyed = (name: string): boolean =>
    ALWAYS_FINE.has(name) || vary.includes(name) || route.headers.includes(name)
  return [
    ...[...headers]
      .filter((name) => !isKeyed(name) && !route.unkeyed.has(name))
      .map((name) => ({ kind: 'header' as const, name })),
    ...[...properties]
      .filter((name) => isInput(route.unkeyed, name))
      .map((name) => ({ kind: 'property' as const, name })),
  ]
}

type Watched = Pick<RoutePolicy, 'inputs'>

const MOST = 1000

/** Reports each input of a route once, as far as the last 1,000 of them are known. */
export function inputReporter(
  report: (input: UnkeyedInput, inputs: Watched['inputs']) => void,
): (route: Watched, input: UnkeyedInput) => void {
  const all = new WeakMap<object, Set<string>>()
  return (route, input) => {
    const known = all.get(route) ?? new Set()
    all.set(route, known)
    if (known.has(input.name)) return
    if (known.size >= MOST) known.clear()
    known.add(input.name)
    report(input, route.inputs)
  }
}

const ADVICE = {
  header:
    'name it in `headers` of the route, or in `Vary` of the response, if the response depends on it, else in `unkeyed`',
  property:
    'if the response does not depend on it, or it is made of the URL alone, name it in `unkeyed` of the route, or of all; if it is ' +
    'made of headers or cookies, declare these in `headers` or `cookies`, and then it in `unkeyed`; else the response is one client’s',
} as const

/** What happens to them where nobody listens: a warning of the runtime. */
export function warnOfInput({ kind, name, path }: UnkeyedInput, inputs: Watched['inputs']): void {
  const from = name.endsWith('.headers') ? ', so also headers that are not there' : ''
  const what = kind === 'header' ? `the request header \`${name}\`` : `\`${name}\`${from}`
  const done =
    inputs === 'strict'
      ? "so it is not stored unless `inputs` of the route is 'warn'"
      : `and is stored all the same, by \`inputs: '${inputs}'\``
  // oxlint-disable-next-line no-console
  console.warn(
    `[shelflife] the response of ${path} is made of what nothing tells apart, ${done}: what answers reads ${what}: ${ADVICE[kind]}`,
  )
}
