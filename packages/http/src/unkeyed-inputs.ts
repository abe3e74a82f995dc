import type { RoutePolicy, UnkeyedInput } from './options.ts'

/** Part of the key, hidden from the handler during a fill, about the connection alone, or never shared with. */
const ALWAYS_FINE = new Set([
  'authorization',
  'connection',
  'content-length',
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

/** Headers that a handler read and whose values nothing tells apart. */
export const unkeyedInputs = (
  reads: ReadonlySet<string>,
  vary: readonly string[],
  { headers, unkeyed }: RoutePolicy,
): readonly string[] =>
  [...reads].filter(
    (name) => !ALWAYS_FINE.has(name) && !vary.includes(name) && !headers.includes(name) && !unkeyed.has(name),
  )

const MOST = 1000

/** Reports each header of each path once, as far as the last 1,000 of them are known. */
export function inputReporter(report: (input: UnkeyedInput) => void): (input: UnkeyedInput) => void {
  const known = new Set<string>()
  return (input) => {
    const id = `${input.header} ${input.path}`
    if (known.has(id)) return
    if (known.size >= MOST) known.clear()
    known.add(id)
    report(input)
  }
}

/** What happens to them where nobody listens: a warning of the runtime. */
export function warnOfInput({ header, path }: UnkeyedInput): void {
  const advice = `add it to \`Vary\`, to \`headers\` of the route, or to \`unkeyed\` if the response does not depend on it`
  // oxlint-disable-next-line no-console
  console.warn(`[shelflife] the cached handler of ${path} reads the request header \`${header}\`: ${advice}`)
}
