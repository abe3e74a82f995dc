import { SIZES } from '../measure/record.ts'
import { buildKey } from './build-key.ts'
import { hitByObject, hitByText, hitWithTags } from './hit.ts'
import { mix } from './mix.ts'
import type { Operation } from './operation.ts'
import { remoteHit } from './remote-hit.ts'
import { write } from './write.ts'

/** How many callers there are at a time. */
export const CONCURRENCY = [1, 64] as const

const remoteHits = SIZES.flatMap((size) =>
  CONCURRENCY.map((concurrency) => [`${size}, ${concurrency} at once`, remoteHit(size, concurrency)] as const),
)

/** All of them, by what they are called in the tables. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'one string': hitByText,
  'one object': hitByObject,
  'two tags': hitWithTags,
  'key of an object': buildKey,
  set: write,
  ...Object.fromEntries(remoteHits),
  mix,
}
