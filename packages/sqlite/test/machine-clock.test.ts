import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createMachineClock } from '../src/machine-clock.ts'

function start() {
  const own = fakeClock()
  let ahead = 1_000_000
  const time = createMachineClock(own, () => own.now() + ahead)
  return { own, time, set: (ms: number) => void (ahead += ms) }
}

test('goes with the clock of the machine', () => {
  const { own, time } = start()
  expect(time.now()).toBe(1_001_000)
  own.advance(500)
  expect(time.now()).toBe(1_001_500)
  expect(time.toLocal(time.now())).toBe(own.now())
  expect(time.toLocal(Infinity)).toBe(Infinity)
})

test('does not go back when the clock is set back, and does not stand still', () => {
  const { own, time, set } = start()
  set(-3_600_000)
  expect(time.now()).toBe(1_001_000)
  own.advance(500)
  expect(time.now()).toBe(1_001_500)
})

test('makes everything older when the clock is set forward', () => {
  const { own, time, set } = start()
  const stored = time.now()
  set(3_600_000)
  expect(time.now() - stored).toBe(3_600_000)
  expect(time.toLocal(stored)).toBe(own.now() - 3_600_000)
})

test('is never earlier than what another process has said', () => {
  const { time } = start()
  time.raise(2_000_000)
  expect(time.now()).toBe(2_000_000)
  time.raise(1_500_000)
  expect(time.now()).toBe(2_000_000)
})
