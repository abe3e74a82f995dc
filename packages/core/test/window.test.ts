import { expect, test } from 'vitest'

import { createWindow } from '../src/window.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

function setUp(most: number) {
  const window = createWindow(most)
  const started: number[] = []
  const dropped: number[] = []
  const enter = (id: number, weight = 1): void =>
    window.enter({ weight, start: () => void started.push(id), drop: () => void dropped.push(id) })
  return { window, started, dropped, enter }
}

test('what there is room for starts at once, the others in order as others leave', async () => {
  const { window, started, enter } = setUp(2)
  for (let id = 0; id < 5; id++) enter(id)
  expect(started).toEqual([0, 1])
  window.leave(1)
  expect(started).toEqual([0, 1, 2])
  for (let i = 0; i < 4; i++) {
    window.leave(1)
    await turn()
  }
  expect(started).toEqual([0, 1, 2, 3, 4])
  enter(5)
  enter(6)
  enter(7)
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6])
})

test('who comes while others wait does not overtake them', async () => {
  const { window, started, enter } = setUp(1)
  enter(0)
  enter(1)
  window.leave(1)
  enter(2)
  expect(started).toEqual([0, 1])
  window.leave(1)
  await turn()
  expect(started).toEqual([0, 1, 2])
})

test('what waits can be dropped, and what is under way keeps its place', () => {
  const { window, started, dropped, enter } = setUp(1)
  for (let id = 0; id < 3; id++) enter(id)
  window.clear()
  expect(dropped).toEqual([1, 2])
  enter(3)
  window.leave(1)
  expect(started).toEqual([0, 3])
})

test('what weighs more takes more room', () => {
  const { window, started, enter } = setUp(4)
  enter(0, 4)
  for (let id = 1; id < 6; id++) enter(id)
  expect(started).toEqual([0])
  window.leave(4)
  expect(started).toEqual([0, 1, 2, 3, 4])
})

test('the event loop has its turn after as many were let in as may be under way', async () => {
  const { window, started, enter } = setUp(10)
  for (let id = 0; id < 100; id++) enter(id)
  for (let i = 0; i < 30; i++) window.leave(1)
  expect(started).toHaveLength(20)
  await new Promise(setImmediate)
  expect(started).toHaveLength(30)
})

test('a stretched window holds more, and lets in no more in one turn', async () => {
  const { window, started, enter } = setUp(10)
  window.stretch(3)
  for (let id = 0; id < 100; id++) enter(id)
  expect(started).toHaveLength(30)
  for (let i = 0; i < 30; i++) window.leave(1)
  expect(started).toHaveLength(40)
  await turn()
  expect(started).toHaveLength(50)
  await turn()
  expect(started).toHaveLength(60)
  await turn()
  expect(started).toHaveLength(60)
})

test('100,000 that wait are let in without moving the others', async () => {
  const { window, started, enter } = setUp(1000)
  for (let id = 0; id < 100_000; id++) enter(id)
  for (let left = 0; left < 100_000;) {
    for (const until = started.length; left < until; left++) window.leave(1)
    await new Promise(setImmediate)
  }
  expect(started).toHaveLength(100_000)
  expect(started.at(-1)).toBe(99_999)
})
