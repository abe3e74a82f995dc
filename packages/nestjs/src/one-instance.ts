import { ShelflifeError } from '@shelflife/core'

import type { CachedSpec } from './cached-spec.ts'
import { perPair } from './per-pair.ts'

function refuse({ owner, property }: CachedSpec, who: string): never {
  const method = `${(owner as { readonly name?: string }).name}.${String(property)}`
  throw new ShelflifeError(
    'invalid-option',
    `@Cached: ${who} would share the values of ${method}; state a key that tells them apart, such as ` +
      'key(this: Repo, id: number) { return [this.table, id] }, or one that says that they may: key: (id: number) => id',
  )
}

/**
 * Refuses what is made for each request and has no key.
 *
 * @throws ShelflifeError `invalid-option`
 */
export function refuseForRequest(spec: CachedSpec): void {
  if (spec.options.key === undefined) refuse(spec, 'the instances of all requests')
}

/** Without a key an instance must be the only one of its class: what its method returns may depend on what it was made of. */
export function oneInstance(): (instance: object, spec: CachedSpec) => void {
  const first = perPair<object, object, object>()
  return (instance, spec) => {
    if (spec.options.key !== undefined) return
    if (first(instance.constructor, spec, () => instance) !== instance) refuse(spec, 'two instances of one class')
  }
}
