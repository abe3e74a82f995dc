import { BRIEF, FRESH, HIT, LATER, MISS, store } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const asking = (control: string): { readonly send: Fields } => ({ send: { 'Cache-Control': control } })
const ONLY = asking('only-if-cached')

/** Fresh when it arrives, also where that takes a second, and stale after 3.2 seconds. */
const STORED = { 'Cache-Control': 'max-age=3' }

/** Responses that must not be served stale, however much of it a client accepts. */
const STRICT = ['must-revalidate, max-age=1', 'proxy-revalidate, max-age=1', 's-maxage=1', 'max-age=3600, no-cache']

const honoured = (title: string, headers: Fields, control: string, then: Step): SuiteCase =>
  may('RFC 9111 §5.2.1', title, store(headers), { ...then, ...asking(control) })

export const REQUEST_DIRECTIVE_CASES: readonly SuiteCase[] = [
  honoured('no-cache asks the origin', FRESH, 'no-cache', MISS),
  honoured('nO-cAcHe asks the origin', FRESH, 'nO-cAcHe', MISS),
  honoured('no-cache validates with the ETag', { ...FRESH, ETag: '"a"' }, 'no-cache', {
    from: 'validated',
    asks: { 'If-None-Match': /^"a"$/ },
  }),
  honoured(
    'no-cache validates with Last-Modified',
    { ...FRESH, 'Last-Modified': 'Tue, 15 Nov 2022 12:45:26 GMT' },
    'no-cache',
    {
      from: 'validated',
      asks: { 'If-Modified-Since': /^Tue, 15 Nov 2022 12:45:26 GMT$/ },
    },
  ),
  honoured('max-age=0 asks the origin', FRESH, 'max-age=0', { ...MISS, wait: LATER }),
  honoured('max-age below the time in the cache asks the origin', FRESH, 'max-age=1', { ...MISS, wait: 2.2 }),
  honoured('max-age below Age asks the origin', { ...FRESH, Age: '1800' }, 'max-age=600', MISS),
  honoured('max-age above Age is content with the stored response', { ...FRESH, Age: '600' }, 'max-age=1800', HIT),
  honoured('min-fresh above what is left asks the origin', { 'Cache-Control': 'max-age=1500' }, 'min-fresh=2000', MISS),
  honoured(
    'min-fresh above what Age leaves asks the origin',
    { 'Cache-Control': 'max-age=1500', Age: '1000' },
    'min-fresh=1000',
    MISS,
  ),
  honoured('min-fresh below what is left is content', { 'Cache-Control': 'max-age=1500' }, 'min-fresh=1000', HIT),
  honoured('max-stale accepts a stale response', STORED, 'max-stale=1000', { ...HIT, wait: 3.2 }),
  honoured('max-stale without a value accepts any stale response', STORED, 'max-stale', { ...HIT, wait: 3.2 }),
  honoured(
    'max-stale accepts a response that arrived stale',
    { 'Cache-Control': 'max-age=1500', Age: '2000' },
    'max-stale=1000',
    HIT,
  ),
  honoured(
    'max-stale does not accept more than its value',
    { 'Cache-Control': 'max-age=1500', Age: '2000' },
    'max-stale=100',
    MISS,
  ),
  honoured('an unknown directive changes nothing', FRESH, 'nothing-to-see-here', HIT),
  may('RFC 9111 §5.2.1.7', 'only-if-cached without a stored response is 504', {
    ...ONLY,
    from: 'generated',
    status: 504,
  }),
  may('RFC 9111 §5.2.1.7', 'only-if-cached gets the stored response', store(FRESH), { ...HIT, ...ONLY }),
  may('RFC 9111 §5.2.1.7', 'only-if-cached with a stale response is 504', store(BRIEF), {
    ...ONLY,
    wait: LATER,
    from: 'generated',
    status: 504,
  }),

  must('RFC 9111 §5.2.1.5', 'a response to no-store is not stored', { ...store(FRESH), ...asking('no-store') }, MISS),
  must(
    'RFC 9111 §5.2.1.5',
    'a response to No-Store, max-age=0 is not stored',
    { ...store(FRESH), ...asking('No-Store, max-age=0') },
    MISS,
  ),
  ...STRICT.map((control) =>
    must('RFC 9111 §4.2.4', `max-stale does not override ${control}`, store({ 'Cache-Control': control }), {
      ...MISS,
      ...asking('max-stale=3600'),
      wait: LATER,
    }),
  ),

  may('RFC 9111 §5.4', 'Pragma: no-cache asks the origin', store(FRESH), { ...MISS, send: { Pragma: 'no-cache' } }),
  may('RFC 9111 §5.4', 'Pragma: no-cache is ignored beside Cache-Control', store(FRESH), {
    ...HIT,
    send: { Pragma: 'no-cache', 'Cache-Control': 'max-age=3600' },
  }),
  may('RFC 9111 §5.4', 'an unknown Pragma changes nothing', store(FRESH), { ...HIT, send: { Pragma: 'foo' } }),
  may('RFC 9111 §5.4', 'Pragma: no-cache in a response changes nothing', store({ ...FRESH, Pragma: 'no-cache' }), HIT),
]
