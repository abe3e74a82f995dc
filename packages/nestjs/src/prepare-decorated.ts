import type { ModulesContainer } from '@nestjs/core'

import type { CachedSpec } from './cached-spec.ts'
import { specFor, specsOf } from './cached-spec.ts'
import type { Caching } from './caching.ts'
import { cachingOf, giveCaching } from './caching-of.ts'
import { methodsOf } from './methods-of.ts'
import { refuseForRequest } from './one-instance.ts'
import { routeFor, statedFor } from './route-of.ts'

type Wrapper = NonNullable<ReturnType<NonNullable<ReturnType<ModulesContainer['get']>>['providers']['get']>>

const prototypeOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null

/** Such a method runs only where the class itself calls it, if at all. */
const isOverridden = (prototype: object | null, spec: CachedSpec): boolean =>
  prototype !== null && specFor(prototype, spec.property) !== spec

/** Prepares what is decorated in one provider. */
function prepareProvider(instance: object, root: Caching): void {
  const prototype = prototypeOf(instance)
  const specs = specsOf(prototype)
  if (specs.length === 0) return
  // made by a factory, into which nothing is injected
  if (cachingOf(instance) === undefined) giveCaching(instance, root)
  const caching = cachingOf(instance) ?? root
  for (const spec of specs) {
    if (isOverridden(prototype, spec)) caching.prepare(instance.constructor, spec)
    else caching.method(instance, spec)
  }
}

/** The same where instances are made later: for each request, or for whoever is given one. */
function prepareType({ metatype, isTransient }: Wrapper, root: Caching): void {
  const { prototype = null } = (metatype ?? {}) as { readonly prototype?: object | null }
  for (const spec of specsOf(prototype)) {
    if (isTransient) root.prepare(metatype as object, spec)
    else if (!isOverridden(prototype, spec)) refuseForRequest(spec)
  }
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
      if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) prepareType(wrapper, root)
      else if (typeof instance === 'object' && instance !== null) prepareProvider(instance, root)
    }
    for (const { metatype, instance } of module.controllers.values()) {
      if (metatype === null) continue
      const { prototype } = metatype as { readonly prototype: object }
      prepareController(prototype, cachingOf(instance as object | undefined) ?? root)
    }
  }
}
