import { expect, test } from 'vitest'

import { pathsLeft } from '../src/index.ts'

test('an object with a prototype of its own is left as a whole, with what it inherits', () => {
  const places = [{ path: 'res.locals', isOfFramework: () => false, isWhole: true }]
  const leftOn = (locals: object) => pathsLeft({ places, status: 'res.statusCode' })([locals], 200)
  expect(leftOn({})).toBeUndefined()
  expect(leftOn(Object.create(null) as object)).toBeUndefined()
  expect(leftOn(new Map())).toEqual(['res.locals'])
  expect(leftOn(Object.create({ isAdmin: true }) as object)).toEqual(['res.locals', 'res.locals.isAdmin'])
})
