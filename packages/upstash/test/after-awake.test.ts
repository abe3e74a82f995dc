import { expect, test } from 'vitest'

import { afterAwake } from '../src/after-awake.ts'

/** A clock whose event loop may be blocked: what is due meanwhile runs when it is over. */
function blockable() {
  let now = 0
  let due: { readonly at: number; readonly run: () => void }[] = []
  return {
    now: () => now,
    after(ms: number, run: () => void) {
      due.push({ at: now + ms, run })
      return () => {}
    },
    /** Lets time pass, with each timer at its time. */
    pass(ms: number) {
      const until = now + ms
      for (;;) {
        const [next] = due.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)
        if (next === undefined) break
        due = due.filter((one) => one !== next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = until
    },
    block: (ms: number) => void (now += ms),
  }
}

test('nothing is given up for the time that a process was blocked, whenever it was', () => {
  for (const blockedAt of [0, 100, 490, 600, 990]) {
    const clock = blockable()
    let isOver = false
    afterAwake({ clock, ms: 1000 }, () => (isOver = true))
    clock.pass(blockedAt)
    clock.block(3000)
    // a quarter of it is looked at as a whole
    clock.pass(749 - blockedAt)
    expect(isOver, `blocked at ${blockedAt}`).toBe(false)
    clock.pass(1001)
    expect(isOver, `blocked at ${blockedAt}`).toBe(true)
  }
})

test('a process that is awake gives up in time', () => {
  const clock = blockable()
  let isOver = false
  afterAwake({ clock, ms: 1000 }, () => (isOver = true))
  clock.pass(999)
  expect(isOver).toBe(false)
  clock.pass(1)
  expect(isOver).toBe(true)
})

test('what is heard meanwhile is a sign of life, but not for ever', () => {
  const clock = blockable()
  let [heard, isOver] = [0, false]
  afterAwake({ clock, ms: 1000, heard: () => heard }, () => (isOver = true))
  for (let i = 0; i < 4; i++) {
    clock.pass(900)
    heard++
    expect(isOver).toBe(false)
  }
  for (let i = 0; i < 20; i++) {
    clock.pass(100)
    heard++
  }
  expect(isOver).toBe(true)
})

test('silence after what was heard is silence', () => {
  const clock = blockable()
  let [heard, isOver] = [0, false]
  afterAwake({ clock, ms: 1000, heard: () => heard }, () => (isOver = true))
  clock.pass(900)
  heard++
  clock.pass(999)
  expect(isOver).toBe(false)
  clock.pass(251)
  expect(isOver).toBe(true)
})
