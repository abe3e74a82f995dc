import { fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Engine } from '../../src/engine.ts'
import { compare, find, keepLocally } from '../../src/engine.ts'
import type { Entry } from '../../src/entry.ts'
import { createEntry } from '../../src/entry.ts'
import { createInvalidations } from '../../src/invalidations.ts'
import type { Watch } from '../../src/watches.ts'
import { seed, times } from './seed.ts'

type Step =
  | { readonly do: 'keep'; readonly key: number; readonly tags: readonly number[] }
  | { readonly do: 'read' | 'fence' | 'begin' | 'renew' | 'end'; readonly key: number }
  | { readonly do: 'invalidate' | 'expire'; readonly tags: readonly number[] }
  | { readonly do: 'forget' }

const TAGS = 40
/** What one tag takes in the log: all names are as long as another. */
const TAG = 86

const key = fc.nat({ max: 11 })
const tags = fc.uniqueArray(fc.nat({ max: TAGS - 1 }), { minLength: 1, maxLength: 3 })
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('keep' as const), key, tags }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), key }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('begin' as const, 'end', 'renew', 'fence'), key }) },
    { weight: 9, arbitrary: fc.record({ do: fc.constantFrom('invalidate' as const, 'invalidate', 'expire'), tags }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'forget' }) },
  ),
  { minLength: 20, maxLength: 200, size: 'max' },
)

const nameOf = (tag: number): string => `t${String(tag).padStart(2, '0')}`

/** What has happened to some tags since a moment, kept for ever. */
interface Past {
  key: number
  invalidated: Set<string>
  expired: Set<string>
  isForgotten: boolean
}

/** There has to be something to compare. */
const compared = { void: 0, intact: 0 }

function world(size: number) {
  const clock = fakeClock()
  const local = memoryStore({ clock, maxEntries: 10 })
  const engine = { local, clock, limits: { maxLifetime: Infinity, maxDrift: Infinity } } as unknown as Engine
  const invalidations = createInvalidations({ clock, local, size, compare: (one) => compare(engine, one) })
  Object.assign(engine, { invalidations, writes: new Map() })
  const copies = new Map<string, Past & { readonly entry: Entry }>()
  const watches = new Map<Watch, Past & { isFenced: boolean }>()
  const pasts = (): Past[] => [...copies.values(), ...watches.values()]
  const fresh = (of: number): Past => ({ key: of, invalidated: new Set(), expired: new Set(), isForgotten: false })
  local.onEvict((eviction) => void copies.delete(eviction.key))

  const running = (of: number): Watch[] => [...watches.keys()].filter((one) => one.key === String(of))

  function keep(of: number, given: readonly number[]): void {
    const watch = invalidations.watch(String(of))
    const entry = createEntry({
      value: of,
      copied: false,
      name: 'value',
      tier: 'manual',
      lifetime: { ttl: 1e9, staleWhileRevalidate: 0, staleIfError: 1e9, jitter: 0, earlyRefresh: 0, sliding: false },
      createdAt: clock.now(),
      freshUntil: clock.now() + 1e9,
      confirmedAt: clock.now(),
      cost: 0,
      tags: given.map(nameOf),
      checked: watch.since,
      maxLifetime: Infinity,
      maxDrift: Infinity,
    })
    copies.set(String(of), { ...fresh(of), entry })
    keepLocally(engine, watch, entry)
    invalidations.end(watch)
  }

  const renewed = (watch: Watch): void => {
    watches.set(watch, { ...fresh(Number(watch.key)), isFenced: false })
  }

  function take(step: Step): void {
    if (step.do === 'keep') return keep(step.key, step.tags)
    if (step.do === 'read') return void find(engine, String(step.key))
    if (step.do === 'begin') return renewed(invalidations.watch(String(step.key)))
    if (step.do === 'forget') {
      invalidations.forget()
      for (const past of pasts()) past.isForgotten = true
      return undefined
    }
    if ('tags' in step) {
      const names = step.tags.map(nameOf)
      clock.advance(1)
      if (step.do === 'invalidate') invalidations.invalidate(names)
      else invalidations.expire(names, clock.now())
      for (const past of pasts()) for (const name of names) past[`${step.do}d` as const].add(name)
      return undefined
    }
    if (step.do === 'fence') invalidations.fence([String(step.key)])
    for (const watch of running(step.key)) {
      if (step.do === 'fence') Object.assign(watches.get(watch) as object, { isFenced: true })
      else if (step.do === 'renew') {
        invalidations.renew(watch)
        renewed(watch)
      } else {
        invalidations.end(watch)
        watches.delete(watch)
      }
    }
    return undefined
  }

  /** What was invalidated is void, and nothing else is. */
  function violations(): readonly string[] {
    const found: string[] = []
    for (const [one, { entry, invalidated, expired, isForgotten }] of copies) {
      const isThere = local.peek(one) === entry
      const verdict = isThere ? invalidations.check(entry.tags, entry.checked) : 'invalidated'
      const isVoid = isForgotten || entry.tags.some((tag) => invalidated.has(tag))
      const isExpired = verdict === 'expired' || entry.freshUntil <= clock.now()
      const wasExpired = entry.tags.some((tag) => expired.has(tag))
      if ((verdict === 'invalidated') !== isVoid) found.push(`the copy of ${one} is ${isVoid ? 'intact' : 'void'}`)
      else if (!isVoid && isExpired !== wasExpired)
        found.push(`the copy of ${one} is ${wasExpired ? 'fresh' : 'stale'}`)
    }
    for (const [watch, { invalidated, expired, isForgotten, isFenced }] of watches) {
      const past = [...invalidated, ...expired]
      // whatever takes less than two generations is remembered for it
      const isExact = past.length * TAG < 2 * size
      for (const tag of ['unknown', ...past.slice(0, 3)]) {
        const isVoid = isForgotten || isFenced || past.includes(tag)
        const isIntact = invalidations.isIntact(watch, [tag])
        if (isIntact === isVoid && (isVoid || isExact))
          found.push(`a run for ${watch.key} is ${isVoid ? 'intact' : 'void'}`)
        compared[isVoid ? 'void' : 'intact']++
      }
    }
    return found
  }

  return { take, violations }
}

test(
  'copies and what runs are void when they were invalidated and not otherwise, however often the generations change',
  () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 12 }), (all, names) => {
        const { take, violations } = world(names * TAG)
        for (const [i, step] of all.entries()) {
          take(step)
          const found = violations()
          if (found.length > 0) throw new Error(`after step ${i}: ${found.join(', ')}`)
        }
      }),
      { seed, numRuns: 1000 * times, endOnFailure: true },
    )
    expect(Math.min(compared.void, compared.intact)).toBeGreaterThan(10_000)
  },
  120_000 * times,
)
