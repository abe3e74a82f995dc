import { FRESH, HIT, LONG_AGO, MISS, store } from './case-parts.ts'
import type { Fields, Value } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

const SECTION = 'RFC 9111 §4.1'
const by = (vary: Value | readonly Value[]): Fields => ({ ...FRESH, 'Last-Modified': LONG_AGO, Vary: vary })
const variant = (vary: string, send: Fields): Step => store(by(vary), { send })

const differs = (title: string, vary: string, one: Fields, other: Fields): SuiteCase =>
  must(SECTION, title, variant(vary, one), { ...MISS, send: other })
const matches = (title: string, vary: string, one: Fields, other: Fields): SuiteCase =>
  may(SECTION, title, variant(vary, one), { ...HIT, send: other })

const THREE = { Foo: '1', Bar: 'abc', Baz: '789' }
const STARS: Readonly<Record<string, string | readonly string[]>> = {
  '*': '*',
  '*, *': '*, *',
  '* in two lines': ['*', '*'],
  ', *': ', *',
  '* after an empty line': ['', '*'],
  '*, Foo': '*, Foo',
  'Foo, *': 'Foo, *',
  '* in a line after Foo': ['Foo', '*'],
}

export const VARY_CASES: readonly SuiteCase[] = [
  matches('a request with the same value gets the stored response', 'Foo', { Foo: '1' }, { Foo: '1' }),
  matches('what Vary does not name does not matter', 'Foo', { Foo: '1', Other: '2' }, { Foo: '1', Other: '3' }),
  matches('the name in Vary is case-insensitive', 'fOO', { Foo: '1' }, { foO: '1' }),
  matches('two named fields match', 'Foo, Bar', { Foo: '1', Bar: 'abc' }, { Foo: '1', Bar: 'abc' }),
  matches('three named fields match in any order', 'Foo, Bar, Baz', THREE, { Baz: '789', Foo: '1', Bar: 'abc' }),
  matches(
    'a field that both requests omit matches',
    'Foo, Bar, Baz',
    { Foo: '1', Baz: '789' },
    { Foo: '1', Baz: '789' },
  ),
  matches('empty elements of Vary are no names', ', Foo,, ', { Foo: '1', Bar: '1' }, { Foo: '1', Bar: '2' }),
  matches('lines of one field are combined', 'Foo', { Foo: '1, 2' }, { Foo: ['1', '2'] }),

  differs('a request with another value does not get the stored response', 'Foo', { Foo: '1' }, { Foo: '2' }),
  differs('a value in other letters is another value', 'Foo', { Foo: 'abc' }, { Foo: 'ABC' }),
  differs('a request with a field that the stored one omitted does not match', 'Foo', {}, { Foo: '1' }),
  differs('a request that omits the field does not match', 'Foo', { Foo: '1' }, {}),
  differs('an empty field is not an absent one', 'Foo', { Foo: '' }, {}),
  differs('an absent field is not an empty one', 'Foo', {}, { Foo: '' }),
  differs('one of two differs', 'Foo, Bar', { Foo: '1', Bar: 'abc' }, { Foo: '2', Bar: 'abc' }),
  differs('both of two are omitted', 'Foo, Bar', { Foo: '1', Bar: 'abc' }, {}),
  differs('the last of three differs', 'Foo, Bar, Baz', THREE, { ...THREE, Baz: '7890' }),
  differs('values are not confused across fields', 'Foo, Bar', { Foo: '1', Bar: '23' }, { Foo: '12', Bar: '3' }),
  differs('values are exchanged', 'Foo, Bar', { Foo: '1', Bar: '2' }, { Foo: '2', Bar: '1' }),
  differs('a name in capitals', 'FOO', { foo: '1' }, { foo: '2' }),
  differs(
    'gzip is not for who asks for identity',
    'Accept-Encoding',
    { 'Accept-Encoding': 'gzip' },
    { 'Accept-Encoding': 'identity' },
  ),
  differs('gzip is not for who asks for nothing', 'Accept-Encoding', { 'Accept-Encoding': 'gzip' }, {}),
  differs(
    'gzip is not for who refuses it',
    'Accept-Encoding',
    { 'Accept-Encoding': 'gzip' },
    { 'Accept-Encoding': 'gzip;q=0' },
  ),
  must(
    SECTION,
    'fields named in several lines of Vary count',
    store(by(['Foo', 'Bar']), { send: { Foo: '1', Bar: '1' } }),
    {
      ...MISS,
      send: { Foo: '1', Bar: '2' },
    },
  ),
  may(
    SECTION,
    'fields named in several lines of Vary match',
    store(by(['Foo', 'Bar']), { send: { Foo: '1', Bar: '1' } }),
    {
      ...HIT,
      send: { Foo: '1', Bar: '1' },
    },
  ),
  ...Object.entries(STARS).map(([name, vary]) =>
    must(SECTION, `a response with Vary ${name} is not reused`, store(by(vary), { send: { Foo: '1' } }), {
      ...MISS,
      send: { Foo: '1' },
    }),
  ),

  may(
    SECTION,
    'two variants are kept side by side',
    variant('Foo', { Foo: '1' }),
    { ...variant('Foo', { Foo: '2' }), ...MISS },
    { ...HIT, send: { Foo: '1' }, serves: 1 },
    { ...HIT, send: { Foo: '2' }, serves: 2 },
  ),
  must(
    SECTION,
    'each variant goes to whom it was made for',
    variant('Foo', { Foo: '1' }),
    variant('Foo', { Foo: '2' }),
    { from: 'cache', send: { Foo: '1' }, serves: 1 },
    { from: 'cache', send: { Foo: '2' }, serves: 2 },
    { ...MISS, send: { Foo: '3' } },
  ),
  must(
    SECTION,
    'a variant that varies by more than the first is not taken for others',
    variant('Foo', { Foo: '1' }),
    variant('Foo, Bar', { Foo: '2', Bar: '1' }),
    { ...MISS, send: { Foo: '2', Bar: '2' } },
  ),

  ...[
    ['the order', 'Accept-Language', 'en, de', 'de, en'],
    ['the letters', 'Accept-Language', 'en, de', 'eN, De'],
    ['the spaces', 'Accept-Language', 'en, de', '  en ,   de'],
    ['the letters', 'Accept-Encoding', 'gzip, br', 'GZip, Br'],
    ['the spaces', 'Accept-Encoding', 'gzip,br', ' gzip ,  br '],
  ].map(([what, name = '', one = '', other = '']) =>
    matches(`${what} of ${name}: ${one} and ${other.trim()} match`, name, { [name]: one }, { [name]: other }),
  ),
]
