import type { ModulesContainer } from '@nestjs/core'

import { specsOf } from './cached-spec.ts'
import type { Caching } from './caching.ts'
import { cachingOf, giveCaching } from './caching-of.ts'
import { methodsOf } from './methods-of.ts'
import { routeFor, statedFor } from './route-of.ts'

const prototypeOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null

/** Prepares what is decorated in one provider. */
function prepareProvider(instance: object, root: Caching): void {
  const prototype = prototypeOf(instance)
  const specs = specsOf(prototype)
  if (specs.length === 0) return
  // made by a factory, into which nothing is injected
  if (cachingOf(instance) === undefined) giveCaching(instance, root)
  const caching = cachingOf(instance) ?? root
  for (const spec of specs) caching.method(instance.constructor, spec)
}

/** Prepares the cached routes of one controller. */
function prepareController(prototype: object, caching: Caching): void {
  const type = prototype.constructor
  for (const name of methodsOf(prototype)) {
    const handler = Reflect.get(prototype, name) as object
    const stated = statedFor(handler, type)
    if (stated !== undefined) routeFor(caching, { handler, type, stated })
  }
}

/**
 * Looks through an application for what is decorated, so that what is wrong about it is told when it starts and not when
 * it is called.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`, `duplicate-name`
 */
export function prepareDecorated(modules: ModulesContainer, root: Caching): void {
  for (const module of modules.values()) {
    for (const wrapper of [...module.providers.values(), ...module.controllers.values()]) {
      const instance: unknown = wrapper.instance
      if (typeof instance === 'object' && instance !== null && wrapper.isDependencyTreeStatic()) {
        prepareProvider(instance, root)
      }
    }
    for (const { metatype, instance } of module.controllers.values()) {
      if (metatype === null) continue
      const { prototype } = metatype as { readonly prototype: object }
      prepareController(prototype, cachingOf(instance as object | undefined) ?? root)
    }
  }
}
