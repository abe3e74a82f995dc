import { expect, test } from 'vitest'

import { createHotKeys } from '../src/hot-keys.ts'

const ask = (scheme: string, authority: string, target: string) => ({
  method: 'GET',
  scheme,
  authority,
  target,
  header: () => undefined,
})

test('keys are told apart by scheme, authority and target', () => {
  const keys = createHotKeys()
  const all = ['http', 'https'].flatMap((scheme) =>
    ['a', 'b', 'a/'].flatMap((authority) => ['/', '/a', '/?a', 'a'].map((target) => ask(scheme, authority, target))),
  )
  for (const [id, one] of all.entries()) {
    expect(keys.find(one)).toBeUndefined()
    keys.keep(one, `key ${id}`)
  }
  for (const [id, one] of all.entries()) expect(keys.find(one)).toBe(`key ${id}`)
})

test('no more than a thousand are kept, and none of those that are long', () => {
  const keys = createHotKeys()
  const all = Array.from({ length: 2500 }, (_, id) => ask('http', `host-${id % 50}`, `/${id}`))
  for (const one of all) keys.keep(one, one.target)
  const found = all.filter((one) => keys.find(one) !== undefined)
  expect(found.length).toBeGreaterThan(0)
  expect(found.length).toBeLessThanOrEqual(1000)
  for (const one of found) expect(keys.find(one)).toBe(one.target)

  const long = ask('http', 'host', `/${'x'.repeat(600)}`)
  keys.keep(long, 'key')
  expect(keys.find(long)).toBeUndefined()
})
