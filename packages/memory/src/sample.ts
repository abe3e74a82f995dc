import { bytesOfView } from './anatomy.ts'
import { isProxy } from './is-proxy.ts'

/** An object, and how many it stands for. */
export interface Sampled {
  readonly object: object
  readonly weight: number
}

/** Of an object whose contents nobody has counted, in slots. */
const TYPICAL = 8

/** In slots, as far as that can be told at a glance. */
function roughSize(object: object): number {
  if (Array.isArray(object)) return isProxy(object) ? TYPICAL : TYPICAL + object.length
  return ArrayBuffer.isView(object) ? TYPICAL + bytesOfView(object) / 8 : TYPICAL
}

/** At most so many objects, from 1, as a fair sample of all: the larger, the likelier, and what is very large for sure. */
export function sample(objects: readonly object[], most: number): readonly Sampled[] {
  if (objects.length <= most) return objects.map((object) => ({ object, weight: 1 }))
  let total = 0
  for (const object of objects) total += roughSize(object)
  const step = total / most
  const sampled: Sampled[] = []
  let next = Math.random() * step
  for (const object of objects) {
    const size = roughSize(object)
    next -= size
    if (next >= 0) continue
    const times = Math.ceil(-next / step)
    next += times * step
    sampled.push({ object, weight: (times * step) / size })
  }
  return sampled
}
