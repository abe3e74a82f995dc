import { checkNames, refuseOption } from '@shelflife/core/integration'

/** What may be given to a property; each throws what is wrong. */
export type Checks<Target> = { readonly [Name in keyof Target]?: (value: Target[Name]) => void }

/** The same object, where only properties with a check can be changed, to what it does not refuse. */
export const withChecks = <Target extends object>(target: Target, checks: Checks<Target>): Target =>
  new Proxy(target, {
    set(_, name, value: never) {
      checkNames('what can be changed', { [String(name)]: value }, new Set(Object.keys(checks)))
      checks[name as keyof Target]?.(value)
      return Reflect.set(target, name, value)
    },
  })

/** @throws ShelflifeError `invalid-option` */
export function checkOneOf(name: string, allowed: readonly unknown[], value: unknown): void {
  if (!allowed.includes(value))
    refuseOption(name, `one of ${allowed.map((one) => `'${String(one)}'`).join(', ')}`, value)
}

/** @throws ShelflifeError `invalid-option` */
export function checkNumber(name: string, unit: string, value: unknown): void {
  if (typeof value !== 'number' || !(value >= 0)) refuseOption(name, `${unit} from 0`, value)
}
