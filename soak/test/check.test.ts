import { describe, expect, test } from 'vitest'
import type { Party } from '../src/check.ts'
import { createCheck } from '../src/check.ts'
import type { Invalidated, Seen, Value } from '../src/report.ts'

const writer: Party = { id: 0, grace: 1000 }
const remoteOnly: Party = { id: 1, grace: 0 }
const twoLevel: Party = { id: 2, grace: 1000 }

/** Called at 100, resolved at 110. */
const invalidation = (more: Partial<Invalidated> = {}): Invalidated => ({
  what: 'invalidate a',
  keys: ['a'],
  calledAt: 100,
  resolvedAt: 110,
  isDone: true,
  onlyLoaded: false,
  ...more,
})

const seen = (lastStart: number, value: Partial<Value> = {}): Seen => ({
  key: 'a',
  value: { key: 'a', began: 99, ...value },
  lastStart,
  how: 'hit from remote',
})

function count(reader: Party, read: Seen, invalidations: readonly Invalidated[] = [invalidation()]): number {
  const check = createCheck()
  check.saw(reader, read)
  for (const one of invalidations) check.invalidated(writer, one)
  check.judge(Infinity)
  return check.violations.length
}

describe('the check of the soak', () => {
  test('a read that starts when an invalidation has resolved must not bring what began before it', () => {
    expect(count(remoteOnly, seen(110))).toBe(1)
    expect(count(remoteOnly, seen(109))).toBe(0)
    expect(count(remoteOnly, seen(500, { began: 100 }))).toBe(0)
  })

  test('a local store has maxDrift to hear of it, except in the process that invalidated', () => {
    expect(count(twoLevel, seen(1109))).toBe(0)
    expect(count(twoLevel, seen(1110))).toBe(1)
    expect(count(writer, seen(110))).toBe(1)
  })

  test('an invalidation that is queued counts in its own process alone', () => {
    const queued = [invalidation({ isDone: false })]
    expect(count(remoteOnly, seen(5000), queued)).toBe(0)
    expect(count(writer, seen(110), queued)).toBe(1)
  })

  test('what a lost server took with it is excused for a while, and never to who invalidated it', () => {
    const excused = (reader: Party, lastStart: number): number => {
      const check = createCheck()
      check.excuse(400, 500)
      check.invalidated(writer, invalidation())
      check.saw(reader, seen(lastStart))
      check.judge(Infinity)
      return check.violations.length
    }
    expect(excused(remoteOnly, 399)).toBe(1)
    expect(excused(remoteOnly, 400)).toBe(0)
    expect(excused(remoteOnly, 500)).toBe(1)
    expect(excused(writer, 400)).toBe(1)
  })

  test('a value that was set began when its set resolved, at the latest', () => {
    const set = (resolvedAt: number): Invalidated[] => [
      invalidation(),
      invalidation({ what: 'set a', calledAt: 90, resolvedAt, set: '0:1' }),
    ]
    expect(count(remoteOnly, seen(200, { set: '0:1' }), set(101))).toBe(0)
    expect(count(remoteOnly, seen(200, { set: '0:1' }), set(99))).toBe(1)
    expect(count(remoteOnly, seen(200, { set: 'of a process that was killed' }))).toBe(0)
    expect(count(remoteOnly, seen(200, { began: 89 }), set(101).slice(1))).toBe(1)
  })

  test('what is invalidated by a tag that only a load knows does not concern what was set', () => {
    const late = [invalidation({ onlyLoaded: true }), invalidation({ calledAt: 10, resolvedAt: 20, set: '0:1' })]
    expect(count(remoteOnly, seen(200, { set: '0:1' }), late)).toBe(0)
    expect(count(remoteOnly, seen(200), late)).toBe(1)
  })

  test('the value of another key is a violation', () => {
    expect(count(remoteOnly, seen(0, { key: 'b' }), [])).toBe(1)
  })

  test('reads wait to be judged, and old invalidations are found for as long as there is no later one', () => {
    const check = createCheck()
    check.saw(remoteOnly, seen(20_000))
    check.judge(20_000)
    check.invalidated(writer, invalidation())
    check.invalidated(writer, invalidation({ calledAt: 50, resolvedAt: 60 }))
    check.judge(19_000)
    expect(check.violations).toEqual([])
    check.judge(20_001)
    expect(check.violations).toMatchObject([{ reader: remoteOnly, floor: { calledAt: 100, by: 0 } }])
    check.judge(30_000)
    expect(check.violations).toHaveLength(1)
  })
})
