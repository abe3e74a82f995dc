import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createQueue } from '../src/queue.ts'

/** As `node:sqlite` says it. */
const busy = (): Error => Object.assign(new Error('database is locked'), { errcode: 5 })

const PATIENCE = 500

/** A queue for a file that others have locked, or not, in a process whose timers are late by so many milliseconds. */
function startQueue({ late = 0 } = {}) {
  const clock = fakeClock()
  const queue = createQueue('file', { ...clock, after: (ms, run) => clock.after(ms + late, run) })
  let isLocked = true
  function work(): string {
    if (isLocked) throw busy()
    return 'done'
  }
  const told: unknown[] = []
  const run = (): void =>
    void queue.run(work, PATIENCE).then(
      (answer) => told.push(answer),
      ({ code }) => told.push(code),
    )
  return {
    clock,
    run,
    told: async () => (await new Promise(setImmediate), told),
    lock: (locked: boolean) => void (isLocked = locked),
  }
}

test('what a file is locked for longer than its patience is given up', async () => {
  const { clock, run, told } = startQueue()
  run()
  for (let i = 0; i < 495; i++) clock.advance(1)
  expect(await told()).toEqual([])
  for (let i = 0; i < 10; i++) clock.advance(1)
  expect(await told()).toEqual(['store-timeout'])
})

test('time in which the process did not look is nobody’s lock', async () => {
  const { clock, run, told, lock } = startQueue({ late: 150 })
  for (let i = 0; i < 100; i++) run()
  // it computes, and finds the file locked by somebody each time it looks
  clock.advance(2000)
  expect(await told()).toEqual([])
  lock(false)
  clock.advance(200)
  expect(await told()).toEqual(Array.from({ length: 100 }, () => 'done'))
})
