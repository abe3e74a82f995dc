import { setTimeout as sleep } from 'node:timers/promises'

import { ShelflifeError } from '@shelflife/core'

import type { Course } from './course.ts'
import type { OpenCache } from './open-cache.ts'
import type { Phase } from './report.ts'

const KEYS = Array.from({ length: 10 }, (_, id) => `key-${id}`)
/** Milliseconds. */
const [READ_EVERY, INVALIDATE_EVERY] = [100, 100]
/** Worth telling, for whoever asks why. */
const SLOW = 1000

const pick = (): string => KEYS[Math.floor(Math.random() * KEYS.length)] ?? ''

function nameOf(error: unknown): string {
  if (error instanceof ShelflifeError) return error.code
  return error instanceof Error ? 'error of the loader' : 'what the loader threw'
}

/** The fault is what slows down a call that began before it. */
const hitBy = (began: Phase, ended: Phase): Phase => (began === 'before' ? ended : began)

/** Reads one key after another until the course is over. */
export async function read(course: Course, { get, reader, waits }: OpenCache): Promise<void> {
  const { notes, versions, wrong, slow, pending } = course
  while (!course.isOver) {
    const key = pick()
    const { phase } = notes
    const least = versions.least(reader, key)
    const id = `${reader.name} ${key} ${Math.random()}`
    pending.add(id)
    const isJoiner = waits.isOn(get.key(key))
    const at = performance.now()
    const outcome = await get.read(key).then(({ value, outcome: seen, store }) => {
      const version = value?.version ?? Infinity
      if (version < least) wrong.push(`${reader.name}, ${phase}: ${seen} of ${store} ${key}: ${version} < ${least}`)
      return seen === 'miss' ? 'loaded' : seen
    }, nameOf)
    pending.delete(id)
    const took = performance.now() - at
    const isWaiter = isJoiner || waits.since(get.key(key), at)
    notes.call(hitBy(phase, notes.phase), { outcome, took, isWaiter })
    const behind = isWaiter ? ' behind a lease' : ''
    if (took > SLOW) slow.push(`${id}: ${outcome} after ${took.toFixed()} ms${behind}, ${phase} to ${notes.phase}`)
    await sleep(READ_EVERY * (0.5 + Math.random()))
  }
}

/** Changes the source of one key after another, and invalidates it: by key, or by tag. */
export async function invalidate(course: Course, { cache, get, reader }: OpenCache): Promise<void> {
  const { notes, versions, pending } = course
  while (!course.isOver) {
    await sleep(INVALIDATE_EVERY)
    const key = pick()
    const { phase } = notes
    const change = versions.change(key, reader.name)
    const id = `${reader.name} invalidates ${key}`
    pending.add(id)
    const at = performance.now()
    const { remote } = await (Math.random() < 0.5 ? get.invalidate(key) : cache.invalidateTags([key]))
    change.resolved(remote === 'done')
    pending.delete(id)
    notes.invalidation(hitBy(phase, notes.phase), performance.now() - at)
  }
}
