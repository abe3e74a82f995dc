/** Parts that core makes a key of. */
export type Key = readonly unknown[]

/** The key of another variant of what is stored under `key`. A new generation of that makes all of them unreachable. */
export const variantKey = (key: Key, generation: string, variant: string): Key => [
  ...key,
  ['variant', generation, variant],
]

export function isVariantKey(key: Key): boolean {
  const last = key.at(-1)
  return Array.isArray(last) && last[0] === 'variant'
}
