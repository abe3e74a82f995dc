import type { Lines } from '../src/field-lines.ts'
import { valuesOf } from '../src/field-lines.ts'
import type { Asked, Given } from './forward.ts'
import { valueOf } from './forward.ts'

/** Directives by name, in lower case. */
export type Control = ReadonlyMap<string, string>

/** A response in the cache. */
export interface Stored {
  readonly asked: Asked
  readonly given: Given
  readonly control: Control
  readonly requestedAt: number
  readonly respondedAt: number
}

export function parseControl(lines: readonly string[]): Control {
  const directives = new Map<string, string>()
  for (const [, name = '', quoted, token] of lines
    .join(',')
    .matchAll(/([^\s,;="]+)(?:=(?:"((?:\\.|[^"\\])*)"?|([^,]*)))?/g)) {
    const value = (quoted ?? token ?? '').trim()
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), value)
  }
  return directives
}

const MEMBER = /^[a-z*][a-z0-9_.*-]*(=(\?[01]|-?\d+(\.\d+)?|"[^"\\]*"|[a-z*][\w:/.-]*))?(;[a-z]+(=[\w"]+)?)*$/

/** RFC 9213: the targeted field alone, where it is valid. */
export function controlOf(lines: Lines): Control {
  const targeted = valueOf(lines, 'cdn-cache-control') ?? ''
  const members = targeted.split(',').map((one) => one.trim())
  if (targeted === '' || !members.every((one) => MEMBER.test(one)))
    return parseControl(valuesOf(lines, 'cache-control'))
  const control = new Map(parseControl(members.map((one) => one.split(';')[0] ?? '')))
  if (members.some((one) => one.startsWith('max-age="'))) control.delete('max-age')
  control.set('targeted', '')
  return control
}

/** Seconds of a directive. Undefined: absent, 0: no number. */
export function secondsOf(control: Control, name: string): number | undefined {
  const text = control.get(name)
  if (text === undefined) return undefined
  return /^\d+$/.test(text) ? Math.min(Number(text), 2 ** 31) : 0
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const IMF = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) gmt$/
const RFC850 = /^\w{6,9}, (\d\d)-(\w{3})-(\d\d) (\d\d):(\d\d):(\d\d) gmt$/
const ASCTIME = /^\w{3} (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/

/** Ms since the epoch. Undefined: no HTTP date. */
export function parseDate(text: string | undefined): number | undefined {
  const small = (text ?? '').toLowerCase()
  const asctime = ASCTIME.exec(small)
  const [, day, month, year, ...time] = asctime
    ? ['', asctime[2], asctime[1], asctime[6], asctime[3], asctime[4], asctime[5]]
    : (IMF.exec(small) ?? RFC850.exec(small) ?? [])
  const index = MONTHS.indexOf(month ?? '')
  if (index < 0) return undefined
  const [h, m, s] = time.map(Number)
  const at = new Date(Date.UTC(Number(year) + (year?.length === 2 ? 2000 : 0), index, Number(day), h, m, s))
  return at.getUTCDate() === Number(day) ? at.getTime() : undefined
}

const HEURISTIC = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]

/** RFC 9111 §4.2.1, in seconds. */
export function lifetimeOf({ given: { lines, status }, control, respondedAt }: Omit<Stored, 'asked'>): number {
  const explicit =
    (control.has('targeted') ? undefined : secondsOf(control, 's-maxage')) ?? secondsOf(control, 'max-age')
  if (explicit !== undefined || control.has('targeted')) return explicit ?? 0
  const dated = parseDate(valueOf(lines, 'date')) ?? respondedAt
  const [expires] = valuesOf(lines, 'expires')
  if (expires !== undefined) return ((parseDate(expires) ?? 0) - dated) / 1000
  const modified = parseDate(valueOf(lines, 'last-modified'))
  if (modified === undefined || !(HEURISTIC.includes(status) || control.has('public'))) return 0
  return Math.min((dated - modified) / 10_000, 86_400)
}

/** RFC 9111 §4.2.3, in seconds. */
export function ageOf({ given: { lines }, requestedAt, respondedAt }: Stored, now: number): number {
  const [first] = (valueOf(lines, 'age') ?? '').split(',')
  const received = /^\d+$/.test(first ?? '') ? Math.min(Number(first), 2 ** 31) : 0
  const apparent = Math.max(0, (respondedAt - (parseDate(valueOf(lines, 'date')) ?? respondedAt)) / 1000)
  return Math.max(apparent, received + (respondedAt - requestedAt) / 1000) + (now - respondedAt) / 1000
}

const listed = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').flatMap((one) => (one.trim() ? [one.trim().toLowerCase()] : []))

export const varyOf = (lines: Lines): readonly string[] => listed(valueOf(lines, 'vary'))

/** RFC 9111 §4.1: what two requests must have in common. */
export function selectingValue(asked: Asked, name: string): string | undefined {
  const value = valueOf(asked.lines, name)
  return name.startsWith('accept-') && value !== undefined ? [...listed(value)].sort().join() : value
}

/** RFC 9111 §3. */
export function isStorable(
  { method, lines: sent }: Asked,
  { given, control }: Pick<Stored, 'given' | 'control'>,
): boolean {
  const understood = [...HEURISTIC, 206, 302, 303, 307, 400, 500, 502, 503, 504].includes(given.status)
  const strict = control.has('must-understand')
  if (method !== 'GET' || !given.complete || given.status === 206 || given.status === 304) return false
  if (strict ? !understood : control.has('no-store')) return false
  if (control.has('private') && !/^[\w-]+(\s*,\s*[\w-]+)*$/.test(control.get('private') ?? '')) return false
  if (control.get('private') === 'x') return false
  if (varyOf(given.lines).includes('*') || parseControl(valuesOf(sent, 'cache-control')).has('no-store')) return false
  const shareable = ['public', 's-maxage', 'must-revalidate'].some((name) => control.has(name))
  return shareable || valueOf(sent, 'authorization') === undefined
}

const PER_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** RFC 9111 §3.1: what is kept of a header. */
export function storedLines(lines: Lines): Lines {
  const control = controlOf(lines)
  const dropped = [
    ...PER_HOP,
    ...listed(valueOf(lines, 'connection')),
    ...listed(control.get('no-cache')),
    ...listed(control.get('private')),
  ]
  return lines.filter(([name]) => !dropped.includes(name.toLowerCase()))
}

/** RFC 9111 §3.2: the stored header after a 304. */
export function freshened(stored: Lines, update: Lines): Lines {
  const fields = storedLines(update).filter(([name]) => name.toLowerCase() !== 'content-length')
  const names = new Set(fields.map(([name]) => name.toLowerCase()))
  // the age of the first response is not that of what was just confirmed
  names.add('age')
  return [...stored.filter(([name]) => !names.has(name.toLowerCase())), ...fields]
}
