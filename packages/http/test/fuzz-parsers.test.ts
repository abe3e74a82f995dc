import fc from 'fast-check'
import { codePoint } from '../../conformance/src/code-point.ts'
import { parseDictionary, parseList, serializeList } from 'structured-headers'
import { describe, expect, test } from 'vitest'

import { parseCacheControl } from '../src/cache-control.ts'
import { cacheGroupInvalidation, cacheGroups } from '../src/cache-groups.ts'
import { cacheStatus } from '../src/cache-status.ts'
import { emittedControl } from '../src/emitted-control.ts'
import type { HeaderList } from '../src/header-list.ts'
import { isToken, linesOf, namesIn, trimOws, valueOf } from '../src/header-list.ts'
import { formatHttpDate, parseHttpDate } from '../src/http-date.ts'
import { noVarySearch } from '../src/no-vary-search.ts'
import type { QueryOptions } from '../src/response-key.ts'
import { responseKey } from '../src/response-key.ts'
import { storable, withEncodingVary } from '../src/stored-headers.ts'
import { effectiveControl } from '../src/targeted-fields.ts'
import { selectingValue, variantOf, varyOf } from '../src/vary.ts'

const RUNS = { numRuns: 2000 }

const grammar = [
  'private',
  'no-store',
  'max-age',
  'gzip',
  'q=0.',
  '"',
  '\\',
  ',',
  ';',
  '=',
  ' ',
  '\t',
  '(',
  ')',
  '*',
  '%',
  '&',
  '?',
]
const hostile = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 40 }),
  fc
    .array(fc.oneof(fc.constantFrom(...grammar), fc.string({ maxLength: 2 })), { maxLength: 30 })
    .map((all) => all.join('')),
)

/** Everything that is made of text of others, with what each answer must look like. */
const readers: Readonly<Record<string, (text: string) => void>> = {
  'header-list': (text) => {
    const headers: HeaderList = [
      [text, text],
      ['vary', text],
    ]
    expect(linesOf(headers, 'vary').at(-1)).toBe(text)
    expect(valueOf(headers, 'vary')).toContain(text)
    expect(namesIn([text]).every((name) => name !== '' && name === trimOws(name))).toBe(true)
    isToken(text)
  },
  'cache-control': (text) => {
    const control = parseCacheControl([text, text])
    for (const name of ['private', 'no-cache', text]) {
      const fields = control.fields(name)
      const seconds = control.seconds(name)
      expect([fields === undefined, seconds === undefined]).toEqual([!control.has(name), !control.has(name)])
      expect(fields?.every((field) => isToken(field) && field === field.toLowerCase()) ?? true).toBe(true)
      expect(seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 2 ** 31)).toBe(true)
    }
  },
  'targeted-fields': (text) => {
    const { control } = effectiveControl(
      [
        ['A', text],
        ['Cache-Control', text],
      ],
      ['a', text],
    )
    control.fields('private')
    const seconds = control.seconds('max-age') ?? 0
    expect(Number.isInteger(seconds) && seconds >= 0).toBe(true)
  },
  'http-date': (text) => {
    const ms = parseHttpDate(text, 0)
    expect(ms === undefined || Number.isInteger(ms)).toBe(true)
  },
  'stored-headers': (text) => {
    const kept =
      storable(
        [
          ['X', text],
          ['Connection', text],
          ['A', ''],
        ],
        parseCacheControl([text]),
      ) ?? []
    expect(kept.every(([name, value]) => isToken(name) && !/[\r\n\0]/.test(value))).toBe(true)
    storable([[text, '']], parseCacheControl([]))
    withEncodingVary([
      ['Content-Encoding', text],
      ['Vary', text],
    ])
  },
  vary: (text) => {
    const names = varyOf([['Vary', text]])
    if (names !== '*') expect(names.every(isToken)).toBe(true)
    for (const name of ['accept-encoding', 'accept-language', 'x']) {
      const value = selectingValue(name, text)
      expect(selectingValue(name, value)).toBe(value)
      expect((variantOf([name, text], () => text) ?? '').length).toBeLessThanOrEqual(2048)
    }
  },
  'response-key': (text) => {
    const incoming = { scheme: text, authority: text, target: `/${text}`, header: () => text }
    const options = { headers: [text], cookies: [text] }
    responseKey(incoming, options)
    const filtered = { ...options, query: { allow: [text, 'a'], ignore: [text], sort: true } }
    responseKey({ ...incoming, authority: '', target: `/?${text}` }, filtered)
    responseKey({ ...incoming, target: text }, {})
  },
  'no-vary-search': (text) => {
    parseDictionary(noVarySearch({ ignore: [text], sort: true }) ?? '')
    parseDictionary(noVarySearch({ allow: [text] }) ?? '')
  },
  'cache-status': (text) => {
    const value = cacheStatus(text, { outcome: 'hit', detail: text })
    expect(parseList(value)).toHaveLength(1)
    expect(value).toMatch(/^[\x20-\x7e]*$/)
  },
  'cache-groups': (text) => {
    for (const read of [cacheGroups, cacheGroupInvalidation]) {
      const groups = read([
        ['cache-groups', text],
        ['cache-group-invalidation', text],
      ])
      expect(groups.length <= 128 && groups.every((group) => group.length <= 128)).toBe(true)
    }
  },
}

/** What the options state and no client sends: read with less, because checking it takes longer than making it. */
const stated = ['no-vary-search', 'cache-status']

describe.each(Object.keys(readers))('%s', (name) => {
  const read = readers[name]!
  const large = stated.includes(name) ? 2 ** 16 : 2 ** 20

  test('RFC 9110 §2.4: any text is read without an error', () => {
    fc.assert(fc.property(hostile, read), RUNS)
  })

  function measure(size: number, unit: string): number {
    const text = unit.repeat(size / unit.length)
    const startedAt = performance.now()
    read(text)
    read(`private="${text}`)
    return performance.now() - startedAt
  }

  // quadratic time would be an hour here, and several seconds below
  test.each([',', '"', '\\'])(
    'RFC 9110 §17.5: a megabyte of %j takes no more than linear time',
    { timeout: 60_000 },
    (unit) => {
      expect(measure(large, unit)).toBeLessThan(15_000)
    },
  )

  const units = '\\" "\\ ", a=" a=" a="b", ; = a 9 ( ) é \0 % & a& %41= + ? * q=0. ;q=1 private="a", [ ].'.split(' ')

  test('RFC 9110 §17.5: nor does any other unit of the grammar, many times over', { timeout: 60_000 }, () => {
    for (const unit of [...units, ' ', '\t', ' ,', '; ']) expect(measure(2 ** 16, unit), unit).toBeLessThan(3000)
  })
})

test('RFC 9110 §17.5: a megabyte of different directives takes no more than linear time', () => {
  const line = Array.from({ length: 60_000 }, (_, i) => `private="f${i}"`).join(',')
  const startedAt = performance.now()
  expect(parseCacheControl([line]).fields('private')).toHaveLength(60_000)
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

const token = fc.string({
  unit: fc.constantFrom(...Array.from("abcXYZ019-_.!#$%&'*+^`|~")),
  minLength: 1,
  maxLength: 8,
})
const blanks = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 3 })

/** Text in quotes, with characters escaped that need not be. */
const quoted = fc
  .array(
    fc.tuple(
      fc.string({ unit: fc.constantFrom(...Array.from('ab ,=;"\\é')), minLength: 1, maxLength: 1 }),
      fc.boolean(),
    ),
  )
  .map(
    (characters) => `"${characters.map(([c, escape]) => (escape || c === '"' || c === '\\' ? `\\${c}` : c)).join('')}"`,
  )

describe('RFC 9111 §5.2: Cache-Control', () => {
  const directive = fc.tuple(token, fc.option(fc.oneof(token, quoted), { nil: undefined }), blanks)

  test('exactly the directives that were written are found, whatever stands in quotes', () => {
    const lines = fc.array(fc.array(directive, { maxLength: 6 }), { maxLength: 3 })
    fc.assert(
      fc.property(lines, token, (written, other) => {
        const control = parseCacheControl(
          written.map((line) =>
            line
              .map(([name, value, blank]) => `${blank}${name}${value === undefined ? '' : `=${value}`}${blank}`)
              .join(),
          ),
        )
        const names = new Set(written.flat().map(([name]) => name.toLowerCase()))
        for (const name of names) expect(control.has(name.toUpperCase())).toBe(true)
        expect(control.has(other)).toBe(names.has(other.toLowerCase()))
      }),
      RUNS,
    )
  })

  test('no junk around it hides no-store or private outside quotes', () => {
    const junk = hostile.filter((text) => !text.includes('"'))
    fc.assert(
      fc.property(junk, junk, fc.constantFrom('no-store', 'private', 'No-Store'), (before, after, name) => {
        expect(parseCacheControl([`${before},${name},${after}`]).has(name)).toBe(true)
        expect(parseCacheControl([before, name, after]).has(name)).toBe(true)
      }),
      RUNS,
    )
  })

  test('§1.2.2: seconds are the smallest number that was written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (all) => {
        const control = parseCacheControl(
          all.map((seconds, i) => (i % 2 === 0 ? `max-age=${seconds}` : `MAX-AGE="${seconds}"`)),
        )
        expect(control.seconds('max-age')).toBe(Math.min(...all))
      }),
      RUNS,
    )
  })
})

describe('RFC 9110 §5.6.7: dates', () => {
  const seconds = fc.integer({ min: Date.UTC(1, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })

  test('what is written is read as the same second', () => {
    fc.assert(
      fc.property(seconds, fc.nat({ max: 999 }), (at, part) => {
        expect(parseHttpDate(formatHttpDate(at * 1000 + part), 0)).toBe(at * 1000)
      }),
      RUNS,
    )
  })

  test('all three forms of a date within 49 years are the same second', () => {
    const distance = fc.integer({ min: -49 * 365 * 86_400, max: 49 * 365 * 86_400 })
    const now = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2300, 0) })
    fc.assert(
      fc.property(now, distance, (seen, away) => {
        const at = Math.floor(seen / 1000 + away) * 1000
        const [weekday, day, month, year, time] = new Date(at).toUTCString().split(' ') as [
          string,
          string,
          string,
          string,
          string,
        ]
        expect(parseHttpDate(`Sunday, ${day}-${month}-${year.slice(2)} ${time} GMT`, seen)).toBe(at)
        expect(parseHttpDate(`${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`, seen)).toBe(
          at,
        )
      }),
      RUNS,
    )
  })
})

describe('RFC 9111 §4.1: variants', () => {
  const value = fc.option(fc.string({ unit: fc.constantFrom(...Array.from('ab",=\\ ')), maxLength: 6 }), {
    nil: undefined,
  })

  test('two requests have one variant exactly if all their selecting values are equal', () => {
    const names = ['a', 'b', 'c']
    const request = fc.tuple(value, value, value)
    const variant = (sent: readonly (string | undefined)[]) => variantOf(names, (name) => sent[names.indexOf(name)])
    const compared = (sent: readonly (string | undefined)[]) =>
      JSON.stringify(sent.map((text) => (text === undefined ? null : trimOws(text))))
    fc.assert(
      fc.property(request, request, (one, other) => {
        expect(variant(one) === variant(other)).toBe(compared(one) === compared(other))
      }),
      RUNS,
    )
  })
})

describe('RFC 9110 §7.1: response keys', () => {
  const target = fc
    .string({ unit: fc.constantFrom(...Array.from('ab/?&=%;+."')), maxLength: 12 })
    .map((text) => `/${text}`)
  const keyOf = (text: string, query: QueryOptions = {}) =>
    JSON.stringify(responseKey({ scheme: 'http', authority: 'a', target: text, header: () => undefined }, { query }))

  test('different targets have different keys', () => {
    fc.assert(
      fc.property(target, target, (one, other) => {
        expect(keyOf(one) === keyOf(other)).toBe(one === other)
      }),
      RUNS,
    )
  })

  const name = fc.constantFrom('a', 'b', 'c', 'é', 'x y')
  const pair = fc.tuple(name, fc.constantFrom('1', '2'))
  const search = fc
    .array(pair, { maxLength: 5 })
    .map((pairs) => new URLSearchParams(pairs as [string, string][]).toString())
  const names = fc.uniqueArray(name, { maxLength: 3 })
  const options = fc.record({ allow: fc.option(names, { nil: undefined }), ignore: names, sort: fc.boolean() })

  /** Whether two queries are the same by the field alone, as a browser reads it (draft-ietf-httpbis-no-vary-search §5). */
  function isSame(field: string | undefined, one: string, other: string): boolean {
    const members = parseDictionary(field ?? '')
    const decoded = (member: string): string[] => {
      const list = members.get(member)?.[0]
      return Array.isArray(list) ? list.map(([text]) => [...new URLSearchParams(text as string).keys()][0]!) : []
    }
    const [ignored, excepted] = [decoded('params'), decoded('except')]
    const isIgnored = (text: string): boolean =>
      members.get('params')?.[0] === true ? !excepted.includes(text) : ignored.includes(text)
    const read = (text: string): string => {
      const params = new URLSearchParams([...new URLSearchParams(text)].filter(([key]) => !isIgnored(key)))
      if (members.has('key-order')) params.sort()
      return params.toString()
    }
    return read(one) === read(other)
  }

  test('No-Vary-Search says exactly which queries share a key', () => {
    let shared = 0
    fc.assert(
      fc.property(search, search, options, (one, other, query) => {
        const isShared = keyOf(`/?${one}`, query) === keyOf(`/?${other}`, query)
        // nothing is left out: then even an empty query is kept apart from none
        expect(isShared).toBe(isSame(noVarySearch(query), one, other))
        if (isShared && one !== other) shared++
      }),
      { numRuns: 5000 },
    )
    expect(shared).toBeGreaterThan(100)
  })
})

test('RFC 9875 §2: groups that are written are read as the same', () => {
  const group = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
  fc.assert(
    fc.property(fc.uniqueArray(group, { maxLength: 20 }), (groups) => {
      const value = serializeList(groups.map((text) => [text, new Map()]))
      expect(cacheGroups([['Cache-Groups', value]])).toEqual(groups)
    }),
    RUNS,
  )
})

test('RFC 9111 §5.2.2: no copy is given more time than stated', () => {
  const seconds = fc.oneof(fc.double(), fc.double({ min: 0, max: 1e6 }))
  const lifetimes = fc.record({
    browser: seconds,
    shared: seconds,
    staleWhileRevalidate: seconds,
    staleIfError: seconds,
  })
  fc.assert(
    fc.property(lifetimes, (stated) => {
      const headers = emittedControl(stated)
      const control = parseCacheControl(linesOf(headers, 'cache-control'))
      const most = (text: number): number => Math.max(0, text) || 0
      expect(control.seconds('max-age') ?? 0).toBeLessThanOrEqual(most(stated.browser))
      expect(control.seconds('s-maxage') ?? 0).toBeLessThanOrEqual(most(stated.shared))
      const cdn = effectiveControl(headers, ['cdn-cache-control']).control
      expect(cdn.seconds('stale-while-revalidate') ?? 0).toBeLessThanOrEqual(most(stated.staleWhileRevalidate))
    }),
    RUNS,
  )
})
