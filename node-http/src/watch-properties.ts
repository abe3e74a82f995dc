import { inherited } from './inherited.ts'
import { overlay } from './overlay.ts'
import { isOwnSymbol } from './own-symbols.ts'

interface ToWatch {
  /** Under which the handler finds the object: `req`, `res.locals`. */
  readonly path: string
  /** Whether a property is of the framework or the runtime. */
  isOfFramework(name: string | symbol): boolean
  /** Properties that are watched also where they are inherited or not there: that there is no user is an answer too. */
  readonly absent?: readonly string[]
  /** Is told the path of what is read. */
  note(path: string): void
}

/** How a property is called in a path. */
export const nameOf = (name: string | symbol): string =>
  typeof name === 'string' ? name : (name.description ?? 'symbol')

/**
 * Tells what is read of the properties that an object has at this moment, because something in front of the cache has set
 * them. What is set from now on is the handler's own.
 *
 * @returns what ends it, and keeps what was set meanwhile
 */
export function watchProperties(object: object, { path, isOfFramework, absent = [], note }: ToWatch): () => void {
  const held = object as Record<string | symbol, unknown>
  const own = Reflect.ownKeys(object).filter((name) => !isOfFramework(name) && !isOwnSymbol(name))
  const names = [...new Set([...own, ...absent])]
  const setSince = new Map<string | symbol, unknown>()
  const watches = new Map<string | symbol, PropertyDescriptor>()
  for (const name of names) {
    const found = Object.getOwnPropertyDescriptor(object, name)
    const before = found ?? inherited(object, name)
    const told = `${path}.${nameOf(name)}`
    if (found?.configurable === false) {
      // it cannot be watched, so it counts as read
      note(told)
      continue
    }
    watches.set(name, {
      get() {
        if (setSince.has(name)) return setSince.get(name)
        note(told)
        return before?.get === undefined ? before?.value : (before.get.call(object) as unknown)
      },
      set(value: unknown) {
        // what has a setter of its own decides what is read from now on
        if (before?.set === undefined) setSince.set(name, value)
        else before.set.call(object, value)
      },
      enumerable: found?.enumerable ?? false,
    })
  }
  const end = overlay(object, Object.fromEntries(watches) as PropertyDescriptorMap)
  return () => {
    end()
    for (const [name, value] of setSince) held[name] = value
  }
}
