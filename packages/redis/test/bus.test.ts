import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'
import type { Beat } from '../src/bus.ts'
import { createBus } from '../src/bus.ts'
import type { Numbered } from '../src/message.ts'

const HEARTBEAT = 250

const numbered = (number: number, epoch = 'epoch'): Numbered => ({
  epoch,
  number,
  sender: 'another',
  message: { type: 'invalidate', names: [`key ${number}`] },
})

/** A bus whose questions wait for `answer`, and what it said: numbers are times up to which it confirmed. */
function startBus() {
  const clock = fakeClock(0)
  const questions: ((beat: Beat) => void)[] = []
  const heard: (string | number)[] = []
  const bus = createBus({
    clock,
    beat: () => new Promise((resolve) => void questions.push(resolve)),
    subscribe: () => {},
    sender: () => 'this one',
  })
  bus.listen({
    message: ({ names }) => void heard.push(...names),
    confirmed: (at) => void heard.push(at),
    gap: () => void heard.push('gap'),
  })

  async function answer(sent: number, epoch = 'epoch'): Promise<void> {
    questions.shift()?.({ epoch, sent })
    await new Promise(setImmediate)
  }

  return { clock, bus, answer, heard: () => heard.splice(0) }
}

/** The same after its first answer. */
async function runningBus(sent = 0): Promise<ReturnType<typeof startBus>> {
  const running = startBus()
  await running.answer(sent)
  running.heard()
  running.clock.advance(HEARTBEAT)
  return running
}

test('confirms up to when it asked, however late it is answered', async () => {
  const { clock, answer, heard } = await runningBus()
  clock.advance(HEARTBEAT)
  await answer(0)
  expect(heard()).toEqual([HEARTBEAT])
})

test('nothing from before the first answer is trusted', async () => {
  const { answer, heard } = startBus()
  await answer(7)
  expect(heard()).toEqual(['gap', 0])
})

test('confirms what it was owed as soon as it has come', async () => {
  const { bus, answer, heard } = await runningBus()
  await answer(2)
  expect(heard()).toEqual([])
  bus.receive(numbered(1))
  bus.receive(numbered(2))
  expect(new Set(heard())).toEqual(new Set(['key 1', 'key 2', HEARTBEAT]))
})

test('reports a gap when what it was owed has not come by the next answer', async () => {
  const { clock, answer, heard } = await runningBus()
  await answer(1)
  clock.advance(HEARTBEAT)
  await answer(1)
  expect(heard()).toEqual(['gap', 2 * HEARTBEAT])
})

test('reports a gap when a number was left out, and goes on from there', async () => {
  const { bus, answer, heard } = await runningBus()
  bus.receive(numbered(2))
  bus.receive(numbered(3))
  await answer(3)
  expect(heard()).toEqual(['gap', 'key 2', 'key 3', HEARTBEAT])
})

test('reports a gap when the log was lost, whoever says so first', async () => {
  const asked = await runningBus(5)
  await asked.answer(5, 'another epoch')
  expect(asked.heard()).toEqual(['gap', HEARTBEAT])

  const told = await runningBus(5)
  told.bus.receive(numbered(6, 'another epoch'))
  expect(told.heard()).toEqual(['gap', 'key 6'])
})

test('reports a gap when the server counts less than was received before it was asked', async () => {
  const { answer, heard } = await runningBus(5)
  await answer(4)
  expect(heard()).toEqual(['gap', HEARTBEAT])
})
