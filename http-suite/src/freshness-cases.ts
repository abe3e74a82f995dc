import { date, FRESH, goesStale, HIT, LONG_AGO, MISS, notReused, reused, store } from './case-parts.ts'
import type { SuiteCase } from './suite-case.ts'
import { must } from './suite-case.ts'

const NUMBERS = ['2147483647', '2147483648', '2147483649', '99999999999', '9'.repeat(40)]
const ofNumber = (directive: string) => (n: string) =>
  [`a response with ${directive}=${n}`, { 'Cache-Control': `${directive}=${n}` }] as const

export const FRESHNESS_CASES: readonly SuiteCase[] = [
  ...reused('RFC 9111 §4.2.1', {
    'a response with max-age': FRESH,
    'a response with s-maxage': { 'Cache-Control': 's-maxage=3600' },
    'a response with s-maxage and a shorter max-age': { 'Cache-Control': 'max-age=0, s-maxage=3600' },
    'a response with s-maxage, max-age=0 and a past Expires': {
      'Cache-Control': 'max-age=0, s-maxage=3600',
      Expires: date(-10),
    },
    'a response with max-age and a past Expires': { ...FRESH, Expires: date(-7200) },
    'a response with max-age and an invalid Expires': { ...FRESH, Expires: '0' },
    'a response with max-age and a past Last-Modified': { ...FRESH, 'Last-Modified': LONG_AGO },
    'a response with max-age above its Age': { ...FRESH, Age: '1800' },
    'a response with max-age, and Date in the future': { ...FRESH, Date: date(600) },
    'a response with max-age, and an invalid Date': { ...FRESH, Date: 'yesterday' },
    'a response with must-revalidate while fresh': { 'Cache-Control': 'max-age=3600, must-revalidate', ETag: '"a"' },
    'a response with proxy-revalidate while fresh': { 'Cache-Control': 'max-age=3600, proxy-revalidate', ETag: '"a"' },
    'a response with immutable': { 'Cache-Control': 'max-age=3600, immutable' },
  }),
  ...reused(
    'RFC 9111 §1.2.2',
    Object.fromEntries([...NUMBERS.map(ofNumber('max-age')), ...NUMBERS.map(ofNumber('s-maxage'))]),
  ),
  ...goesStale('RFC 9111 §4.2.1', {
    'max-age=1': { 'Cache-Control': 'max-age=1' },
    's-maxage=1': { 'Cache-Control': 's-maxage=1' },
    's-maxage=1 with a longer max-age': { 'Cache-Control': 'max-age=3600, s-maxage=1' },
    's-maxage=1 before a longer max-age': { 'Cache-Control': 's-maxage=1, max-age=3600' },
    's-maxage=1 with a longer max-age in another line': { 'Cache-Control': ['max-age=3600', 's-maxage=1'] },
    'max-age=1 with a later Expires': { 'Cache-Control': 'max-age=1', Expires: date(3600) },
    'max-age=3600 with Age: 3599': { ...FRESH, Age: '3599' },
  }),
  ...notReused('RFC 9111 §4.2.1', {
    'a response with max-age=0': { 'Cache-Control': 'max-age=0' },
    'a response with max-age=0 and a later Expires': { 'Cache-Control': 'max-age=0', Expires: date(3600) },
    'a response with s-maxage=0 and a longer max-age': { 'Cache-Control': 'max-age=3600, s-maxage=0' },
  }),
  ...notReused('RFC 9111 §4.2', {
    'a response whose Age is above its max-age': { ...FRESH, Age: '7200' },
    'a response whose Age equals its max-age': { ...FRESH, Age: '3600' },
    'a response whose Age is above its s-maxage': { 'Cache-Control': 's-maxage=3600', Age: '7200' },
  }),
  ...notReused('RFC 9111 §4.2.3', {
    'a response that is older by its Date than its max-age': { ...FRESH, Date: date(-7200) },
  }),

  ...notReused('RFC 9111 §5.2.2.4', {
    'a response with no-cache': { 'Cache-Control': 'no-cache' },
    'a response with no-cache and explicit freshness': {
      'Cache-Control': 'max-age=3600, no-cache',
      Expires: date(3600),
    },
    'a response with No-CaChE': { 'Cache-Control': 'max-age=3600, No-CaChE' },
    'a response with no-cache in a second line': { 'Cache-Control': ['max-age=3600', 'no-cache'] },
    'a response with no-cache and s-maxage': { 'Cache-Control': 's-maxage=3600, no-cache' },
  }),
  must(
    'RFC 9111 §4.2',
    'a response that replaced a stale one is reused as long as it is fresh itself',
    store({ 'Cache-Control': 'max-age=1' }),
    { ...MISS, wait: 1.2, reply: { headers: FRESH } },
    { ...HIT, serves: 2 },
  ),
]
