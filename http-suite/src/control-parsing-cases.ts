import { goesStale, notReused, reused } from './case-parts.ts'
import type { SuiteCase } from './suite-case.ts'

/** RFC 9111 §4.2.1 encourages caches to treat what is no number as stale, which every cache may do. */
export const CONTROL_PARSING_CASES: readonly SuiteCase[] = [
  ...reused('RFC 9111 §5.2', {
    'a response with MaX-aGe': { 'Cache-Control': 'MaX-aGe=3600' },
    'a response with cAcHe-CoNtRoL': { 'cAcHe-CoNtRoL': 'max-age=3600' },
    'a response with an unknown directive': { 'Cache-Control': 'foobar, max-age=3600' },
    'a response with an unknown directive with a value': { 'Cache-Control': 'max-age=3600, foo=bar, baz="q, r=1"' },
    'a response with max-age among several lines': { 'Cache-Control': ['foo', 'max-age=3600', 'bar'] },
    'a response with a quoted max-age': { 'Cache-Control': 'max-age="3600"' },
    'a response with leading zeros in max-age': { 'Cache-Control': 'max-age=003600' },
    'a response without spaces between directives': { 'Cache-Control': 'public,max-age=3600,foo' },
    'a response with empty list elements': { 'Cache-Control': ', ,max-age=3600, ,' },
    'a response with max-age after a quoted max-age=0': { 'Cache-Control': 'ext="max-age=0", max-age=3600' },
  }),
  ...goesStale('RFC 9111 §5.2', {
    'max-age=1 after a quoted max-age': { 'Cache-Control': 'ext="max-age=3600", max-age=1' },
    'max-age=1 before a quoted max-age': { 'Cache-Control': 'max-age=1, ext="max-age=3600"' },
    'max-age=1 before a directive that ends like it': { 'Cache-Control': 'max-age=1, x-max-age=3600' },
  }),
  ...goesStale('RFC 9111 §4.2.1', {
    'max-age=1 before another max-age': { 'Cache-Control': 'max-age=1, max-age=3600' },
    'max-age=1 in a line before another max-age': { 'Cache-Control': ['max-age=1', 'max-age=3600'] },
    's-maxage=1 before another s-maxage': { 'Cache-Control': 's-maxage=1, s-maxage=3600' },
  }),
  ...notReused('RFC 9111 §4.2.1', {
    'a response with a negative max-age': { 'Cache-Control': 'max-age=-3600' },
    'a response with a single-quoted max-age': { 'Cache-Control': "max-age='3600'" },
    'a response with letters before max-age': { 'Cache-Control': 'max-age=a3600' },
    'a response with letters after max-age': { 'Cache-Control': 'max-age=3600a' },
    'a response with a fraction in max-age': { 'Cache-Control': 'max-age=3600.5' },
    'a response with an exponent in max-age': { 'Cache-Control': 'max-age=3e3' },
    'a response with a hexadecimal max-age': { 'Cache-Control': 'max-age=0xfff' },
    'a response with max-age without a value': { 'Cache-Control': 'max-age' },
    'a response with an empty max-age': { 'Cache-Control': 'max-age=' },
    'a response with an empty quoted max-age': { 'Cache-Control': 'max-age=""' },
    'a response with only directives that end like max-age': { 'Cache-Control': 'x-max-age=3600, max-agee=3600' },
    'a response with max-age inside a quoted string': { 'Cache-Control': 'ext="a, max-age=3600"' },
  }),
]
