import type { Lines } from '../../src/field-lines.ts'
import type { Given } from '../forward.ts'
import type { Rules } from '../reference-policy.ts'
import { RULES } from '../reference-policy.ts'
import type { BrokenCache } from './broken-cache.ts'

const without = (lines: Lines, name: string): Lines => lines.filter(([one]) => one.toLowerCase() !== name)

/** Ignores a header of the request when it answers from the store. */
const deafTo = (name: string): Partial<Rules> => ({
  fromStored: (asked, stored, age) => RULES.fromStored({ ...asked, lines: without(asked.lines, name) }, stored, age),
})
/** Changes what it gives from the store. */
const giving = (change: (given: Given) => Given): Partial<Rules> => ({
  fromStored: (asked, stored, age) => {
    const given = RULES.fromStored(asked, stored, age)
    return age === undefined ? given : change(given)
  },
})

/** Mistakes in what is answered, freshened, served stale and invalidated. */
export const BROKEN_ANSWERS: Readonly<Record<string, BrokenCache>> = {
  'has no Age': {
    fails: ['a reused response has Age', 'Age counts the time in the cache'],
    change: giving((given) => ({ ...given, lines: without(given.lines, 'age') })),
  },
  'gives the current Date': {
    fails: ['Date is given as received', 'a 304 made from a stored response has its Date'],
    change: giving((given) => ({
      ...given,
      lines: [...without(given.lines, 'date'), ['Date', 'Wed, 25 Nov 2026 00:00:00 GMT']],
    })),
  },
  'takes the body for text': {
    fails: ['a stored body has every byte'],
    change: giving((given) => ({ ...given, body: Buffer.from(given.body.toString()) })),
  },
  'gives a 304 without its fields': {
    fails: [
      'a 304 made from a stored response has its ETag',
      'a 304 made from a stored response has its Cache-Control',
    ],
    change: giving((given) => (given.status === 304 ? { ...given, lines: [] } : given)),
  },
  'has hit in every Cache-Status': {
    fails: ['Cache-Status of a forwarded request has no hit'],
    change: { fromStored: (asked, stored) => RULES.fromStored(asked, stored, 0) },
  },
  'keeps fields of one connection': {
    fails: [
      'Connection and what it names are not stored',
      'a field named by private is not stored',
      'TE is not stored',
    ],
    change: { storedLines: (lines) => lines },
  },
  'loses lines of the same name': {
    fails: ['lines of one field keep their order', 'Set-Cookie is stored with the response it came with'],
    change: {
      storedLines: (lines) => [
        ...new Map(RULES.storedLines(lines).map(([name, value]) => [name, [name, value] as const])).values(),
      ],
    },
  },
  'ignores a 304': {
    fails: [
      'a 304 replaces Test-Header',
      'a 304 replaces Cache-Control',
      'a 304 makes the stored response fresh again',
    ],
    change: { freshened: (stored) => stored },
  },
  'takes the header of a 304 for the whole header': {
    fails: ['a field that a 304 omits stays'],
    change: { freshened: (_, update) => update },
  },
  'ignores If-None-Match': {
    fails: [
      'If-None-Match with the strong tag gets 304',
      'If-None-Match that does not match wins over If-Modified-Since that does',
    ],
    change: deafTo('if-none-match'),
  },
  'ignores If-Range': {
    fails: ['If-Range with another tag gets the whole response', 'If-Range with a weak tag gets the whole response'],
    change: deafTo('if-range'),
  },
  'ignores Range': {
    fails: ['a range from the start is cut from a stored response', 'a range outside a stored response is 416'],
    change: deafTo('range'),
  },
  'takes any tag for the one it has': {
    fails: [
      'If-None-Match with another tag gets the whole response',
      'If-None-Match with a tag in other letters gets the whole response',
    ],
    change: {
      fromStored: (asked, stored, age) =>
        RULES.fromStored(
          { ...asked, lines: asked.lines.map(([name, value]) => [name, /^if-none/i.test(name) ? '*' : value]) },
          stored,
          age,
        ),
    },
  },
  'serves stale whatever is forbidden': {
    fails: [
      'must-revalidate forbids stale-while-revalidate',
      's-maxage=1 forbids a stale response instead of a 503',
      'max-stale does not override proxy-revalidate, max-age=1',
    ],
    change: { mayBeStale: () => true },
  },
  'never serves stale': {
    fails: [
      'a stale response is served within stale-while-revalidate',
      'a stale response within stale-if-error is served instead of a 500',
      'max-stale accepts a stale response',
    ],
    change: { mayBeStale: () => false },
  },
  'refreshes what it serves stale twice': {
    fails: ['a response served stale is replaced in the background, by one request'],
    change: { refreshes: 2 },
  },
  'takes 404 for a failure': {
    fails: ['a 404 is no error that stale-if-error is for'],
    change: { isFailure: (status) => status >= 400 },
  },
  'invalidates after POST only': {
    fails: ['PUT invalidates the stored response', 'an unknown method that succeeded invalidates the stored response'],
    change: { isUnsafe: (method) => method === 'POST' },
  },
  'invalidates after OPTIONS': {
    fails: ['OPTIONS leaves the stored response'],
    change: { isUnsafe: (method) => method !== 'GET' && method !== 'HEAD' },
  },
  'invalidates at other origins': {
    fails: ['POST leaves what its Location names at another origin'],
    change: { isSameOrigin: () => true },
  },
}
