import type { CachedOptions, DefaultTier, LoadContext } from '@shelflife/core'

/** Options of `@Cached`: those of `cache.cached`. */
export interface CachedMethodOptions<
  Args extends readonly unknown[],
  This = unknown,
  TagArgs extends readonly unknown[] = Args,
  Value = unknown,
> extends Omit<CachedOptions<Args, string>, 'name' | 'key' | 'tags' | 'tier'> {
  /** First part of the key, once per cache. Default: class and method, `ProductsService.find`. */
  readonly name?: string
  /** A tier of the cache. What is stated beside it wins. An unknown one is an error when the application starts. */
  readonly tier?: DefaultTier | (string & {})
  /**
   * What of the arguments makes the key, called with the instance as `this`. Default: all arguments, and then there may be
   * one instance of the class. Stated, it has to tell apart whatever else the value depends on.
   */
  readonly key?: (this: This, ...args: Args) => unknown
  /** Labels for invalidating across keys, called with the instance as `this`. */
  readonly tags?: readonly string[] | ((this: This, ...args: TagArgs) => readonly string[])
  /**
   * What the value decides, before it is stored, called with the instance as `this`: `context.tag(…)`,
   * `context.lifetime(…)`, `context.skip()`. What it throws is the failure of the load. Default: nothing.
   */
  readonly decide?: (this: This, context: LoadContext, value: Value) => void | Promise<void>
}

/** One use of `@Cached`. */
export interface CachedSpec {
  readonly owner: object
  readonly property: string | symbol
  readonly options: CachedMethodOptions<never, never, never, never>
  /** Runs the method as it was written. */
  load(self: object, ...args: unknown[]): unknown
}

const SPECS = Symbol.for('Shelflife cached methods')

/** Remembers a use for the start of the application. */
export function noteSpec(prototype: object, spec: CachedSpec): void {
  const own = (Reflect.getOwnMetadata(SPECS, prototype) ?? []) as readonly CachedSpec[]
  Reflect.defineMetadata(SPECS, [...own, spec], prototype)
}

/** All uses in a class and in those that it extends. */
export function specsOf(prototype: object | null): readonly CachedSpec[] {
  if (prototype === null || prototype === Object.prototype) return []
  const own = (Reflect.getOwnMetadata(SPECS, prototype) ?? []) as readonly CachedSpec[]
  return [...own, ...specsOf(Object.getPrototypeOf(prototype) as object | null)]
}

const nameOf = (type: object): string => (type as { readonly name?: string }).name ?? ''

/**
 * The name in the keys. What is inherited gets the class that it runs in as well: two classes that extend one have
 * different values.
 */
export function nameFor(type: object, { owner, property, options }: CachedSpec): string {
  const stated = options.name ?? `${nameOf(owner)}.${String(property)}`
  return type === owner ? stated : `${nameOf(type)}.${stated}`
}

/** The use that a method of an instance comes from. */
export const specFor = (prototype: object, property: string | symbol): CachedSpec | undefined =>
  specsOf(prototype).find((spec) => spec.property === property)
