import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'
import type { Beat } from '../src/bus.ts'
import { createBus } from '../src/bus.ts'
import type { Numbered } from '../src/message.ts'

const HEARTBEAT = 250

/** Another history has other ids from its first own message on. */
interface History {
  readonly epoch?: string
  /** Milliseconds since it began. */
  readonly age?: number
  readonly name?: string
  readonly from?: number
}

const idIn = (number: number, { name = '', from = 0 }: History): string => `${number}-${number < from ? '' : name}`

const numbered = (number: number, history: History = {}): Numbered => ({
  epoch: history.epoch ?? 'epoch',
  number,
  id: idIn(number, history),
  before: idIn(number - 1, history),
  sender: 'another',
  message: { type: 'invalidate', names: [`key ${number}`] },
})

/** What a release without ids sends. */
const withoutIds = (number: number): Numbered => ({ ...numbered(number), id: undefined, before: undefined })

/** A bus whose questions wait for `answer`, and what it said: numbers are times up to which it confirmed. */
function startBus({ hears = true } = {}) {
  const clock = fakeClock(0)
  const questions: { readonly known: string; readonly answer: (beat: Beat) => void }[] = []
  const heard: (string | number)[] = []
  let subscriptions = 0
  const bus = createBus({
    clock,
    beat: (known) => new Promise((answer) => void questions.push({ known, answer })),
    database: async () => undefined,
    subscribe: () => void subscriptions++,
    sender: () => 'this one',
  })
  bus.listen({
    ...(hears && { message: ({ names }) => void heard.push(...names) }),
    confirmed: (at) => void heard.push(at),
    gap: () => void heard.push('gap'),
    lost: () => void heard.push('lost'),
  })

  async function answer(sent: number, history: History = {}): Promise<void> {
    const question = questions.shift()
    const isAhead = Number.parseInt(question?.known ?? '', 10) > sent
    const number = Number.parseInt(question?.known ?? '', 10)
    const remembers = question?.known === '' || (!isAhead && question?.known === idIn(number, history))
    const { epoch = 'epoch', age = 0 } = history
    question?.answer({ epoch, age, sent, last: idIn(sent, history), remembers })
    await new Promise(setImmediate)
  }

  return {
    clock,
    bus,
    answer,
    /** The next question is never answered. */
    forget: () => void questions.shift(),
    heard: () => heard.splice(0),
    subscriptions: () => subscriptions,
  }
}

/** The same after its first answer. */
async function runningBus(sent = 0, options = {}): Promise<ReturnType<typeof startBus>> {
  const running = startBus(options)
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

test('what it was owed is not confirmed by messages of another history', async () => {
  const { clock, bus, answer, heard } = await runningBus()
  await answer(2)
  bus.receive(numbered(1, { name: 'other' }))
  bus.receive(numbered(2, { name: 'other' }))
  expect(heard()).not.toContain(HEARTBEAT)
  clock.advance(HEARTBEAT)
  await answer(2)
  expect(heard()).toEqual(['lost', 2 * HEARTBEAT])
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

test('reports a gap when the message before one is not the last it has received', async () => {
  const { bus, heard } = await runningBus(5)
  bus.receive(numbered(6, { name: 'other', from: 5 }))
  bus.receive(numbered(7, { name: 'other', from: 5 }))
  expect(heard()).toEqual(['gap', 'key 6', 'key 7'])
})

test('reports a gap when the log was lost', async () => {
  const { answer, heard } = await runningBus(5)
  await answer(5, { epoch: 'another epoch' })
  expect(heard()).toEqual(['gap', HEARTBEAT])
})

test('another log that was there while this one was has not been told what this one was', async () => {
  const { clock, answer, heard } = await runningBus(5)
  await answer(5, { epoch: 'another epoch', age: HEARTBEAT })
  expect(heard()).toEqual(['gap', HEARTBEAT])
  clock.advance(HEARTBEAT)
  await answer(5, { age: 60_000 })
  expect(heard()).toEqual(['lost', 2 * HEARTBEAT])
})

test('an answer about a log that was gone before it came says nothing', async () => {
  const { bus, answer, heard } = await runningBus(5)
  const looking = bus.look()
  await answer(5, { epoch: 'another epoch', name: 'another' })
  await answer(5, { epoch: 'another epoch', name: 'another' })
  await looking
  expect(heard()).toEqual(['gap', HEARTBEAT])
})

test('what another log was told counts as not told while the one that was known is there', async () => {
  const { bus, answer } = await runningBus(5)
  await answer(5)
  const refused = expect(bus.told({ epoch: 'another epoch', id: '9-', remembers: true })).rejects.toThrow(TypeError)
  for (let i = 0; i < 2; i++) await answer(5)
  await refused
  expect(bus.known()).toBe('5-')
})

test('what a log was told that has taken its place counts, and one question is asked for all', async () => {
  const { bus, answer, heard } = await runningBus(5)
  await answer(5)
  const told = [1, 2, 3].map((number) => bus.told({ epoch: 'another epoch', id: `${number}-`, remembers: true }))
  await answer(3, { epoch: 'another epoch' })
  await Promise.all(told)
  expect(heard()).toEqual([HEARTBEAT, 'gap', HEARTBEAT])
  expect(bus.known()).toBe('3-')
})

test('a question that is never answered holds up those who tell within a second, and nobody after', async () => {
  const { clock, bus, answer, forget } = await runningBus(5)
  await answer(5)
  const told: string[] = []
  async function tell(name: string): Promise<void> {
    await bus.told({ epoch: 'another epoch', id: '3-', remembers: true })
    told.push(name)
  }
  void tell('first')
  forget()
  clock.advance(999)
  void tell('within a second')
  clock.advance(1)
  const after = tell('after')
  for (let i = 0; i < 2; i++) await answer(3, { epoch: 'another epoch' })
  await after
  expect(told).toEqual(['after'])
})

test('messages of another epoch are not its own: the next answer tells what has become of the log', async () => {
  const { clock, bus, answer, heard } = await runningBus(5)
  bus.receive(numbered(6, { epoch: 'another database' }))
  bus.receive(numbered(9, { epoch: 'another database' }))
  await answer(5)
  expect(heard()).toEqual([HEARTBEAT])
  clock.advance(HEARTBEAT)
  bus.receive(numbered(1, { epoch: 'another log' }))
  await answer(1, { epoch: 'another log' })
  expect(heard()).toEqual(['gap', 2 * HEARTBEAT])
})

test('messages that come before the first answer are acted on', () => {
  const { bus, heard } = startBus()
  bus.receive(numbered(3))
  expect(heard()).toEqual(['key 3'])
})

test('reports forgotten writes when the server counts less than was received before it was asked', async () => {
  const { answer, heard } = await runningBus(5)
  await answer(4)
  expect(heard()).toEqual(['lost', HEARTBEAT])
})

test.each([
  ['as many', 5],
  ['more', 6],
])('reports forgotten writes when the server went back and has sent %s since', async (_, sent) => {
  const { answer, heard } = await runningBus(5)
  await answer(sent, { name: 'other', from: 5 })
  expect(heard()).toEqual(['lost', HEARTBEAT])
})

test('reports forgotten writes when the channel has told more of another history before it could ask', async () => {
  const { clock, bus, answer, heard } = await runningBus(5)
  await answer(5)
  heard()
  const other = { name: 'other', from: 4 }
  bus.receive(numbered(6, other))
  bus.receive(numbered(7, other))
  clock.advance(HEARTBEAT)
  await answer(7, other)
  expect(heard()).toEqual(['gap', 'key 6', 'key 7', 'lost', 2 * HEARTBEAT])
})

test('what this process has sent itself is known before it is heard', async () => {
  const { bus, answer, heard } = await runningBus(5)
  await answer(5)
  heard()
  expect(bus.known()).toBe('5-')
  await bus.told({ epoch: 'epoch', id: '6-', remembers: true })
  await bus.told({ epoch: 'epoch', id: '8-', remembers: false })
  expect(bus.known()).toBe('6-')
  bus.receive(numbered(6))
  bus.receive(numbered(7))
  expect(bus.known()).toBe('7-')
})

test('forgotten writes are reported when only this process knew of them', async () => {
  const { clock, bus, answer, heard } = await runningBus(5, { hears: false })
  await answer(5)
  heard()
  await bus.told({ epoch: 'epoch', id: '6-', remembers: true })
  clock.advance(HEARTBEAT)
  await answer(5)
  expect(heard()).toEqual(['lost', 2 * HEARTBEAT])
})

test('forgotten writes are reported once', async () => {
  const { clock, bus, answer, heard } = await runningBus(5)
  const other = { name: 'other', from: 4 }
  await answer(4, other)
  bus.receive(numbered(5, other))
  clock.advance(HEARTBEAT)
  await answer(5, other)
  expect(heard()).toEqual(['lost', HEARTBEAT, 'key 5', 2 * HEARTBEAT])
})

test('without anybody to hear messages it subscribes to none and needs none', async () => {
  const { clock, bus, answer, heard, subscriptions } = await runningBus(5, { hears: false })
  bus.receive(numbered(9))
  await answer(7)
  expect(heard()).toEqual([HEARTBEAT])
  clock.advance(HEARTBEAT)
  await answer(7, { name: 'other', from: 6 })
  expect(heard()).toEqual(['lost', 2 * HEARTBEAT])
  expect(subscriptions()).toBe(0)
})

test('a message of a release without ids is a gap, and the next answer makes up for it', async () => {
  const { clock, bus, answer, heard } = await runningBus(5)
  bus.receive(withoutIds(6))
  await answer(6)
  expect(heard()).toEqual(['gap', 'key 6', HEARTBEAT])
  bus.receive(numbered(7))
  clock.advance(HEARTBEAT)
  await answer(7)
  expect(heard()).toEqual(['key 7', 2 * HEARTBEAT])
})
