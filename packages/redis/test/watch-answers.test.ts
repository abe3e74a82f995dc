import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { watchAnswers } from '../src/watch-answers.ts'

const LOOK = 500

function start() {
  const clock = fakeClock(0)
  let blocked = 0
  const late = { ...clock, now: () => clock.now() + blocked }
  const told: [string, number][] = []
  const answers = watchAnswers((name, ms) => told.push([name, ms]), late)
  return {
    clock,
    /** Time in which no timer runs. */
    block: (ms: number): void => void (blocked += ms),
    told: () => told.splice(0),
    stop: answers.stop,
    /** Sends a command; gives what settles it. */
    send(name: string, node: string) {
      let settlers: Parameters<ConstructorParameters<typeof Promise<unknown>>[0]> | undefined
      answers.watch(name, node, new Promise((...given) => void (settlers = given)))
      const [resolve, reject] = settlers as NonNullable<typeof settlers>
      const settle = (run: () => void) => async (): Promise<void> => {
        run()
        await new Promise(setImmediate)
      }
      return {
        answer: settle(() => resolve(1)),
        refuse: settle(() => reject(new Error('WRONGTYPE of the server'))),
        fail: settle(() => reject(new Error('the connection was closed'))),
      }
    },
  }
}

test('tells of a node that owes an answer, for as long as it does', async () => {
  const { clock, told, send } = start()
  const { answer } = send('a', 'one')
  send('b', 'two')
  clock.advance(LOOK)
  expect(told()).toEqual([
    ['a', LOOK],
    ['b', LOOK],
  ])
  await answer()
  clock.advance(LOOK)
  expect(told()).toEqual([['b', 2 * LOOK]])
})

test.each(['answer', 'refuse'] as const)('a node that goes on to %s is not silent, whatever it owes', async (how) => {
  const { clock, told, send } = start()
  send('a', 'one')
  for (let i = 0; i < 5; i++) {
    const next = send('b', 'one')
    clock.advance(LOOK / 2)
    await next[how]()
  }
  expect(told()).toEqual([])
})

test('tells once of a connection that failed', async () => {
  const { clock, told, send } = start()
  await send('a', 'one').fail()
  clock.advance(LOOK)
  expect(told()).toEqual([['a', LOOK]])
  clock.advance(LOOK)
  expect(told()).toEqual([])
})

test('time in which the event loop was blocked does not count', () => {
  const { clock, block, told, send } = start()
  send('a', 'one')
  block(10 * LOOK)
  clock.advance(LOOK)
  expect(told()).toEqual([['a', LOOK]])
})

test('tells nothing after its end', () => {
  const { clock, told, send, stop } = start()
  send('a', 'one')
  stop()
  clock.advance(LOOK)
  expect(told()).toEqual([])
})
