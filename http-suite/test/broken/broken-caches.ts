import type { Lines } from '../../src/field-lines.ts'
import { valuesOf } from '../../src/field-lines.ts'
import type { Rules } from '../reference-policy.ts'
import { RULES } from '../reference-policy.ts'
import { parseControl } from '../reference-rules.ts'
import { BROKEN_ANSWERS } from './broken-answers.ts'
import type { BrokenCache } from './broken-cache.ts'

/** Reads Cache-Control by its text. */
const reading = (read: (text: string) => string): Partial<Rules> => ({
  controlOf: (lines: Lines) => parseControl([read(valuesOf(lines, 'cache-control').join(','))]),
})

/** Mistakes in what is stored, for how long and under which key. */
export const BROKEN_CACHES: Readonly<Record<string, BrokenCache>> = {
  'stores everything': {
    fails: [
      'a response with no-store is not reused',
      'a response with private is not reused',
      'a response to Authorization is not reused',
      'a response to no-store is not stored',
      'a response cut in its body is not stored',
      'an unknown status with must-understand is not reused',
      'a 206 without a range of the client is not given for the whole',
    ],
    change: { isStorable: ({ method }) => method === 'GET' },
  },
  'stores what HEAD brought': {
    fails: ['a response to HEAD is not given for GET'],
    change: { isStorable: (asked, reply) => RULES.isStorable({ ...asked, method: 'GET' }, reply) },
  },
  'ignores Vary': {
    fails: [
      'a request with another value does not get the stored response',
      'a request that omits the field does not match',
      'gzip is not for who asks for identity',
      'each variant goes to whom it was made for',
    ],
    change: { varyOf: () => [] },
  },
  'reads only the first name in Vary': {
    fails: ['the last of three differs', 'fields named in several lines of Vary count'],
    change: { varyOf: (lines) => RULES.varyOf(lines).slice(0, 1) },
  },
  'takes everything for fresh': {
    fails: [
      'a response with max-age=0 is not reused',
      'max-age=1 is not reused once it is over',
      'a response with a past Expires is not reused',
      'a 503 without explicit freshness is not reused',
      'a stale 200 is not reused',
    ],
    change: { lifetimeOf: () => Infinity },
  },
  'takes nothing for fresh': {
    fails: ['a response with max-age is reused', 'a fresh 404 is reused', 'a part is reused for the same part'],
    change: { lifetimeOf: () => 0 },
  },
  'ignores s-maxage': {
    fails: ['s-maxage=1 with a longer max-age is not reused once it is over', 'a response with s-maxage is reused'],
    change: reading((text) => text.replaceAll('s-maxage', 'ignored')),
  },
  'knows directives in small letters only': {
    fails: [
      'a response with nO-sToRe is not reused',
      'a response with pRiVaTe is not reused',
      'a response with MaX-aGe is reused',
    ],
    change: reading((text) => text.replaceAll(/[\w-]*[A-Z][\w-]*/g, 'ignored')),
  },
  'finds directives in quoted strings': {
    fails: [
      'a response with no-store inside a quoted string is reused',
      'max-age=1 after a quoted max-age is not reused once it is over',
    ],
    change: reading((text) => text.replaceAll('"', '').replaceAll('ext=', '')),
  },
  'reads the first line of Cache-Control only': {
    fails: [
      'a response with no-store in a second line is not reused',
      'a response with private in a second line is not reused',
    ],
    change: { controlOf: (lines) => parseControl(valuesOf(lines, 'cache-control').slice(0, 1)) },
  },
  'ignores CDN-Cache-Control': {
    fails: [
      'a response with CDN-Cache-Control: private is not reused',
      'a response with CDN-Cache-Control: max-age and no-store for others is reused',
      'CDN-Cache-Control: max-age=1 with a longer max-age for others is not reused once it is over',
    ],
    change: reading((text) => text),
  },
  'ignores no-cache': {
    fails: ['a response with no-cache is not reused', 'a response with no-cache is stored and validated'],
    change: { isOnlyValidated: () => false, lifetimeOf: (stored) => RULES.lifetimeOf(stored) || 60 },
  },
  'ignores the Age received': {
    fails: ['Age counts on from the Age received', 'a response whose Age is above its max-age is not reused'],
    change: {
      ageOf: (stored, now) =>
        RULES.ageOf({ ...stored, given: { ...stored.given, lines: without(stored.given.lines, 'age') } }, now),
    },
  },
  'ignores the time an entry spends in it': {
    fails: ['Age counts the time in the cache', 'max-age=1 is not reused once it is over'],
    change: { ageOf: (stored) => RULES.ageOf(stored, stored.respondedAt) },
  },
  'leaves the query out of the key': {
    fails: ['another query is another response', 'a query is not confused with none'],
    change: { keyOf: (asked) => RULES.keyOf(asked).replace(/\?.*/, '') },
  },
  'leaves the host out of the key': {
    fails: ['another host is another response'],
    change: { keyOf: ({ target }) => target },
  },
  'decodes the path in the key': {
    fails: ['an encoded slash is not a slash', 'an encoded ampersand is not a separator'],
    change: { keyOf: (asked) => decodeURIComponent(RULES.keyOf(asked)) },
  },
  ...BROKEN_ANSWERS,
}

const without = (lines: Lines, name: string): Lines => lines.filter(([one]) => one.toLowerCase() !== name)
