import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createRecent } from '../src/recent.ts'

function setUp() {
  const clock = fakeClock()
  const gone = new Set<string>()
  const recent = createRecent(clock, { isLost: (history) => gone.has(history) })
  const by = (node: string) => ({ node, history: `${node} run` })
  const lost = () => {
    const { told, all } = recent.lost() ?? { told: [], all: false }
    return { names: told.flatMap((names) => [...names].map(([command, list]) => [command, ...list])), all }
  }
  return { clock, recent, by, lost, lose: (node: string) => void gone.add(`${node} run`) }
}

/** As many as fit into 4 MiB twice, and more. */
const MANY = Array.from({ length: 60_000 }, (_, i) => `shop/product(${i})`)

test('what a node was told is lost with it, and nothing that another one was told', () => {
  const { recent, by, lost, lose } = setUp()
  recent.told('invalidate', ['a', 'b'], by('one'))
  recent.told('expire', ['c'], by('one'))
  recent.told('invalidate', ['d'], by('two'))
  expect(lost()).toEqual({ names: [], all: false })
  lose('one')
  expect(lost()).toEqual({
    names: [
      ['invalidate', 'a', 'b'],
      ['expire', 'c'],
    ],
    all: false,
  })
  expect(lost()).toEqual({ names: [], all: false })
})

test('an expiry takes nothing from an invalidation', () => {
  const { recent, by, lost, lose } = setUp()
  recent.told('invalidate', ['a'], by('one'))
  recent.told('expire', ['a'], by('one'))
  lose('one')
  expect(lost().names).toEqual([['invalidate', 'a']])
})

test('where there was no room for all of it, all is lost', () => {
  const { recent, by, lost, lose } = setUp()
  recent.told('invalidate', ['first'], by('one'))
  for (const name of MANY) recent.told('invalidate', [name], by('two'))
  lose('one')
  expect(lost().all).toBe(true)
  expect(lost().all).toBe(false)
})

test('a minute later nothing is remembered, nor that there was no room for it', () => {
  const { clock, recent, by, lost, lose } = setUp()
  for (const name of MANY) recent.told('invalidate', [name], by('one'))
  clock.advance(61_000)
  lose('one')
  expect(lost()).toEqual({ names: [], all: false })
  expect(recent.isEmpty()).toBe(true)
})
