import type { Mounted } from '../src/describe-shared-cache.ts'
import type { Lines } from '../src/field-lines.ts'
import { valuesOf } from '../src/field-lines.ts'
import { wallClock } from '../src/wall-clock.ts'
import type { Asked, Given } from './forward.ts'
import { forward, serve, valueOf } from './forward.ts'
import type { Rules } from './reference-policy.ts'
import { RULES } from './reference-policy.ts'
import type { Control, Stored } from './reference-rules.ts'
import { parseControl, secondsOf, selectingValue } from './reference-rules.ts'

/** A shared cache of moderate ambition, to try the suite on: correct, in memory, unbounded, and one request at a time. */
export function mountReferenceCache(originUrl: string, changes: Partial<Rules> = {}): Promise<Mounted> {
  const rules = { ...RULES, ...changes }
  const entries = new Map<string, Stored[]>()

  const find = (asked: Asked): Stored | undefined =>
    entries
      .get(rules.keyOf(asked))
      ?.find((stored) =>
        rules
          .varyOf(stored.given.lines)
          .every((name) => selectingValue(stored.asked, name) === selectingValue(asked, name)),
      )

  function keep(asked: Asked, stored: Stored, old = find(asked)): void {
    const others = (entries.get(rules.keyOf(asked)) ?? []).filter((one) => one !== old)
    entries.set(rules.keyOf(asked), [stored, ...others])
  }

  async function ask(asked: Asked, old: Stored | undefined): Promise<Given> {
    const isGet = asked.method === 'GET'
    const condition = isGet && old ? validatorsOf(old.given.lines) : []
    const lines = isGet ? asked.lines.filter(([name]) => !CONDITIONS.includes(name.toLowerCase())) : asked.lines
    const requestedAt = wallClock()
    const given = await forward(originUrl, { ...asked, lines: [...lines, ...condition] })
    const respondedAt = wallClock()
    const isUnchanged = given.status === 304 && old !== undefined && condition.length > 0
    if (isUnchanged && !isOfSame(old, given)) {
      entries.delete(rules.keyOf(asked))
      return ask(asked, undefined)
    }
    const isFreshened = isUnchanged && old
    const whole = isFreshened
      ? { ...old.given, lines: rules.freshened(old.given.lines, given.lines) }
      : withDate(given, respondedAt)
    const kept = { ...whole, lines: rules.storedLines(whole.lines) }
    const stored: Stored = { asked, given: kept, control: rules.controlOf(whole.lines), requestedAt, respondedAt }
    if (rules.isStorable(asked, { given: isFreshened ? stored.given : given, control: stored.control }))
      keep(asked, stored, old)
    else if (isFreshened) entries.delete(rules.keyOf(asked))
    return isFreshened ? { ...stored.given, status: whole.status } : whole
  }

  async function answer(asked: Asked): Promise<Given> {
    if (rules.isUnsafe(asked.method)) return write(asked)
    if (!['GET', 'HEAD'].includes(asked.method)) return forward(originUrl, asked)
    const stored = find(asked)
    const wish = wishOf(asked)
    if (stored) return reuse(asked, stored, wish)
    if (wish.has('only-if-cached')) return failed(504)
    const given = await ask(asked, undefined)
    const isCut = asked.method !== 'GET' || !given.complete
    return isCut ? given : rules.fromStored(asked, { asked, given } as Stored, undefined)
  }

  async function reuse(asked: Asked, stored: Stored, wish: Control): Promise<Given> {
    const { control } = stored
    const age = rules.ageOf(stored, wallClock())
    const late = age - rules.lifetimeOf(stored)
    const mayBeStale = rules.mayBeStale(control)
    const seconds = (name: string): number | undefined => secondsOf(wish, name)
    const window = (name: string): number => (mayBeStale ? (secondsOf(control, name) ?? 0) : 0)

    const patience = wish.has('max-stale') && mayBeStale ? seconds('max-stale') || Infinity : 0
    const isYoung = age <= (seconds('max-age') ?? Infinity) && late < patience - (seconds('min-fresh') ?? 0)
    const isRefused = rules.isOnlyValidated(control) || wish.has('no-cache')
    if (isYoung && !isRefused) return rules.fromStored(asked, stored, age)
    if (!rules.isWish(wish) && late >= 0 && late < window('stale-while-revalidate')) {
      for (let i = 0; i < rules.refreshes; i += 1) void ask({ ...asked, interim: () => {} }, stored)
      return rules.fromStored(asked, stored, age)
    }
    if (wish.has('only-if-cached')) return failed(504)
    const given = await ask(asked, stored)
    if (rules.isFailure(given.status) && late < window('stale-if-error')) return rules.fromStored(asked, stored, age)
    return asked.method === 'GET' ? rules.fromStored(asked, { ...stored, given }, undefined) : given
  }

  async function write(asked: Asked): Promise<Given> {
    const given = await forward(originUrl, asked)
    if (given.status >= 400) return told(given, 'fwd=method')
    const self = new URL(`http://${valueOf(asked.lines, 'host')}${asked.target}`)
    const named = ['content-location', 'location'].flatMap((name) => {
      const value = valueOf(given.lines, name)
      return value !== undefined && URL.canParse(value, self) ? [new URL(value, self)] : []
    })
    for (const url of [self, ...named.filter((one) => rules.isSameOrigin(one, self))])
      entries.delete(rules.keyOf({ ...asked, target: url.pathname + url.search, lines: [['Host', url.host]] }))
    if (
      given.status === 200 &&
      named.some(({ href }) => href === self.href) &&
      rules.controlOf(given.lines).has('max-age')
    )
      keepAsGet(asked, given)
    return told(given, 'fwd=method')
  }

  /** RFC 9110 §9.3.3. */
  function keepAsGet(asked: Asked, given: Given): void {
    const get = { ...asked, method: 'GET', body: Buffer.alloc(0) }
    const now = wallClock()
    const stored = { ...given, lines: rules.storedLines(given.lines) }
    const control = rules.controlOf(given.lines)
    if (rules.isStorable(get, { given, control }))
      keep(get, { asked: get, given: stored, control, requestedAt: now, respondedAt: now })
  }

  return serve(answer)
}

const failed = (status: number): Given => ({ status, lines: [], body: Buffer.alloc(0), complete: true })
const told = (given: Given, what: string): Given => ({
  ...given,
  lines: [...given.lines, ['Cache-Status', `reference; ${what}`]],
})

const withDate = (given: Given, now: number): Given =>
  valueOf(given.lines, 'date') === undefined
    ? { ...given, lines: [...given.lines, ['Date', new Date(now).toUTCString()]] }
    : given

const CONDITIONS = ['if-none-match', 'if-modified-since', 'range', 'if-range']

function validatorsOf(lines: Lines): Lines {
  const etag = valueOf(lines, 'etag')
  const modified = valueOf(lines, 'last-modified')
  return [
    ...(etag === undefined ? [] : [['If-None-Match', etag] as const]),
    ...(modified === undefined ? [] : [['If-Modified-Since', modified] as const]),
  ]
}

/** RFC 9111 §4.3.4: whether a 304 is about the stored response. */
function isOfSame(old: Stored, given: Given): boolean {
  const etag = valueOf(old.given.lines, 'etag')
  return (valueOf(given.lines, 'etag') ?? etag) === etag
}

/** RFC 9111 §5.2.1, and §5.4 where it is absent. */
function wishOf({ lines }: Asked): Control {
  const control = valuesOf(lines, 'cache-control')
  return parseControl(control.length > 0 ? control : valuesOf(lines, 'pragma'))
}
