/**
 * What there is one of in a process, however many copies of a package it has loaded: as modules and as CommonJS, or from
 * two bundles.
 *
 * @param name what it is called, the same in each copy
 * @example const running = onePerProcess('express.running', () => new WeakMap<ServerResponse, Running>())
 */
export function onePerProcess<Value>(name: string, make: () => Value): Value {
  const all = globalThis as unknown as Record<symbol, Value>
  return (all[Symbol.for(`shelflife.${name}`)] ??= make())
}
