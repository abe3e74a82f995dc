import type { Incoming } from './incoming.ts'
import { plainAuthority } from './plain-uri.ts'

/** One step of a tag. Of what is long the beginning: then more is invalidated than was meant, and never less. */
const step = (text: string, longest: number): string => encodeURIComponent(text).slice(0, longest)

/** An origin as a step of a tag. */
export const originStep = ({ scheme, authority }: Pick<Incoming, 'scheme' | 'authority'>): string =>
  step(`${scheme.toLowerCase()}://${plainAuthority({ scheme, authority })}`, 80)

/** The tags under which the groups of a response can be invalidated. Groups belong to an origin (RFC 9875 §2). */
export const groupTags = (
  incoming: Pick<Incoming, 'scheme' | 'authority'>,
  groups: readonly string[],
): readonly string[] => groups.map((group) => `cache-group/${originStep(incoming)}/=${step(group, 150)}`)
