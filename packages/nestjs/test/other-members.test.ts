import { expect, test } from 'vitest'

import { Cached, CacheInvalidate } from '../src/index.ts'

const DECORATORS = { '@Cached': Cached(), '@CacheInvalidate': CacheInvalidate({ tags: ['a'] }) }

/** As the compiler calls it. */
function decorate(decorator: unknown, target: object, member: string): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, member)
  ;(decorator as (...args: unknown[]) => void)(target, member, descriptor)
}

test.each(Object.entries(DECORATORS))('%s on what is no method of instances says so', (name, decorator) => {
  class Products {
    static async find() {}
    get finder() {
      return async () => {}
    }
  }
  const refused = (target: object, member: string) => {
    try {
      decorate(decorator, target, member)
    } catch (error) {
      return error
    }
    return 'accepted'
  }
  const rest = 'must stand at a method that instances have; received'
  expect(refused(Products, 'find')).toMatchObject({
    code: 'invalid-option',
    message: `${name} on Products.find ${rest} a static member`,
  })
  expect(refused(Products.prototype, 'finder')).toMatchObject({
    code: 'invalid-option',
    message: `${name} on Products.finder ${rest} an accessor`,
  })
  expect(refused(Products.prototype, 'arrow')).toMatchObject({
    code: 'invalid-option',
    message: `${name} on Products.arrow ${rest} a property`,
  })
})
