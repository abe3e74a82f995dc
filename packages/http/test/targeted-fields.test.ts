import { describe, expect, test } from 'vitest'

import { effectiveControl } from '../src/targeted-fields.ts'

const CDN = 'cdn-cache-control'
const cdn = (value: string) => effectiveControl([['CDN-Cache-Control', value]], [CDN])
const both = (value: string) =>
  effectiveControl(
    [
      ['Cache-Control', 'no-store, max-age=1'],
      ['CDN-Cache-Control', value],
    ],
    [CDN],
  )

describe('RFC 9213 §2.2: one field counts', () => {
  test('the targeted field wins alone', () => {
    const { control, source } = both('max-age=60')
    expect(source).toBe(CDN)
    expect(control.seconds('max-age')).toBe(60)
    expect(control.has('no-store')).toBe(false)
  })

  test('the first target that is there wins, in the order of the list and not of the message', () => {
    const headers = [
      ['CDN-Cache-Control', 'max-age=1'],
      ['Shelflife-Cache-Control', 'max-age=2'],
    ] as const
    expect(effectiveControl(headers, ['Shelflife-Cache-Control', CDN])).toMatchObject({
      source: 'shelflife-cache-control',
    })
    expect(effectiveControl(headers, [CDN, 'shelflife-cache-control']).control.seconds('max-age')).toBe(1)
  })

  test('a targeted field that is not on the list is nothing to us', () => {
    const headers = [
      ['CDN-Cache-Control', 'max-age=60'],
      ['Cache-Control', 'no-store'],
    ] as const
    const { control, source } = effectiveControl(headers, [])
    expect(source).toBe('cache-control')
    expect(control.has('no-store')).toBe(true)
  })

  test('without any field nothing is said', () => {
    const { control, source } = effectiveControl([], [CDN])
    expect(source).toBe('cache-control')
    expect(control.seconds('max-age')).toBeUndefined()
  })
})

describe('RFC 9213 §2.1: a field that is empty or no dictionary is ignored', () => {
  test.each([
    '',
    ' ',
    'max-age=60,',
    'Max-Age=60',
    'max-age=',
    'max-age=60; ,',
    'max-age=6 0',
    'max-age=60;; x',
    'max-age="60',
    '=60',
    '"no-store"',
    'max-age=99999999999999999',
    'é',
    'max-age=60, é',
  ])('%j leaves it to Cache-Control', (value) => {
    const { control, source } = both(value)
    expect(source).toBe('cache-control')
    expect(control.has('no-store')).toBe(true)
    expect(control.seconds('max-age')).toBe(1)
  })
})

describe('RFC 9213 §2.1: types of directives', () => {
  test('seconds are integers, several lines are one dictionary and its last member of a name counts', () => {
    const headers = [
      ['CDN-Cache-Control', 'max-age=1, s-maxage=5'],
      ['cdn-cache-control', 'stale-while-revalidate=7, stale-if-error=8, max-age=6'],
    ] as const
    const { control } = effectiveControl(headers, [CDN])
    const names = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error']
    expect(names.map((name) => control.seconds(name))).toEqual([6, 5, 7, 8])
  })

  test.each([
    ['max-age=2147483649', 2 ** 31],
    ['max-age=999999999999999', 2 ** 31],
    ['max-age=-1', 0],
    ['max-age=60;ext=1;y', 60],
  ])('%s is %d seconds', (value, seconds) => expect(cdn(value).control.seconds('max-age')).toBe(seconds))

  test.each([
    'max-age="60"',
    'max-age=60.5',
    'max-age',
    'max-age=?1',
    'max-age=sixty',
    'max-age=(60)',
    'max-age=:AA==:',
  ])('%s is of the wrong type: that directive is ignored, and the field still counts', (value) => {
    const { control, source } = cdn(`${value}, must-revalidate`)
    expect(source).toBe(CDN)
    expect(control.has('max-age')).toBe(false)
    expect(control.has('must-revalidate')).toBe(true)
  })

  test.each(['must-revalidate', 'must-revalidate=?1', 'must-revalidate;x=1'])('%s is true', (value) =>
    expect(cdn(value).control.has('must-revalidate')).toBe(true),
  )

  test.each(['public=?0', 'public=1', 'public="x"', 'public=x', 'public=(a b)', 'no-store=?0', 'private=?0'])(
    '%s is as good as absent',
    (value) => expect(cdn(`${value}, x`).control.has(value.split('=')[0]!)).toBe(false),
  )

  test.each(['no-store=1', 'no-store=x', 'private=1', 'no-cache=x', 'private=(a)', 'private=""', 'no-cache'])(
    '%s restricts the whole message whatever its type',
    (value) => {
      const name = value.split('=')[0]!
      expect(cdn(value).control.has(name)).toBe(true)
      expect(cdn(value).control.fields(name)).toEqual([])
    },
  )

  test('a string names fields', () => {
    expect(cdn('private="A, b", no-cache="c d"').control.fields('private')).toEqual(['a', 'b'])
    expect(cdn('private="A, b", no-cache="c d"').control.fields('no-cache')).toEqual([])
  })
})
