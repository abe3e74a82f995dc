import { spawnSync } from 'node:child_process'

import { systemClock } from '@shelflife/core'
import { afterEach, expect, test, vi } from 'vitest'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

afterEach(() => vi.restoreAllMocks())

let time = 0

/** Lets time pass only when it is told to. It starts later than any reading before, as those of other tests run ahead. */
function stoppedTime() {
  time = Math.max(time, performance.now()) + 1
  const reading = vi.spyOn(performance, 'now').mockImplementation(() => time)
  return {
    reading,
    passes(ms: number) {
      time += ms
    },
  }
}

test('where reads come thick one reading serves the rest of the turn', async () => {
  await turn()
  const { reading } = stoppedTime()
  const times = Array.from({ length: 50 }, () => systemClock.now())
  expect(reading).toHaveBeenCalledTimes(2)
  expect(new Set(times).size).toBe(1)
})

test('where reads are rare each reads', async () => {
  await turn()
  const { reading, passes } = stoppedTime()
  for (let i = 1; i <= 5; i++) {
    passes(0.02)
    systemClock.now()
    expect(reading).toHaveBeenCalledTimes(i)
  }
})

test('the next turn reads anew', async () => {
  await turn()
  const { reading, passes } = stoppedTime()
  for (let i = 1; i <= 5; i++) {
    passes(1)
    for (let j = 0; j < 3; j++) systemClock.now()
    expect(reading).toHaveBeenCalledTimes(2 * i)
    await turn()
  }
})

test('a chain of promises is one turn', async () => {
  await turn()
  const { reading, passes } = stoppedTime()
  systemClock.now()
  systemClock.now()
  reading.mockClear()
  for (let i = 0; i < 20; i++) {
    passes(1)
    await Promise.resolve()
    systemClock.now()
  }
  expect(reading).not.toHaveBeenCalled()
})

test('a loop that never leaves its turn reads at least every 64 times', async () => {
  await turn()
  const { reading } = stoppedTime()
  systemClock.now()
  reading.mockClear()
  for (let i = 0; i < 640; i++) systemClock.now()
  expect(reading).toHaveBeenCalledTimes(10)
})

test('time passes for a loop that never leaves its turn', () => {
  const start = systemClock.now()
  const end = performance.now() + 5
  let rounds = 0
  while (systemClock.now() - start < 5 && rounds < 1e9) rounds++
  expect(performance.now()).toBeGreaterThanOrEqual(end - 1)
})

test('it never runs backwards, within a turn and beyond', async () => {
  let last = -Infinity
  for (let i = 0; i < 5000; i++) {
    const now = systemClock.now()
    expect(now).toBeGreaterThanOrEqual(last)
    last = now
    if (i % 100 === 0) await turn()
  }
})

test('it does not look at the wall clock, which can be set', async () => {
  await turn()
  const before = systemClock.now()
  vi.spyOn(Date, 'now').mockReturnValue(0)
  await turn()
  const after = systemClock.now()
  expect(after).toBeGreaterThanOrEqual(before)
  expect(after - before).toBeLessThan(60_000)
})

test('a timer runs once, and not before its time', async () => {
  const startedAt = performance.now()
  let runs = 0
  const hold = setInterval(() => {}, 1000)
  await new Promise<void>((resolve) => {
    systemClock.after(20, () => {
      runs++
      resolve()
    })
  })
  clearInterval(hold)
  // the timers of Node count whole milliseconds
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19)
  expect(runs).toBe(1)
})

test('a timer that is cancelled does not run, and may be cancelled again', async () => {
  let runs = 0
  const cancel = systemClock.after(0, () => void runs++)
  cancel()
  cancel()
  await new Promise((resolve) => setTimeout(resolve, 0))
  await turn()
  expect(runs).toBe(0)
})

test('a timer further away than timers can be does not run at once', () => {
  const timer = vi.spyOn(globalThis, 'setTimeout')
  for (const ms of [2 ** 31, 1e12, Infinity]) {
    systemClock.after(ms, () => {})()
    expect(timer).toHaveBeenLastCalledWith(expect.any(Function), 2 ** 31 - 1)
  }
})

/** Runs a module in a process of its own. */
function run(source: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { href } = new URL('../src/clock.ts', import.meta.url)
  const program = source.replace('CLOCK', JSON.stringify(href))
  const options = ['--input-type=module', '--eval', program]
  return spawnSync(process.execPath, options, { encoding: 'utf8', timeout: 20_000 })
}

test('timers let the process exit', () => {
  const { status, stdout, stderr } = run(`
    const { systemClock } = await import(CLOCK)
    systemClock.after(3_600_000, () => console.log('ran'))
    systemClock.now()
    process.on('exit', () => console.log('exit'))
  `)
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: 'exit\n' })
})

test('a timer that a caller waits for does not', () => {
  const { status, stdout, stderr } = run(`
    const { systemClock } = await import(CLOCK)
    systemClock.after(50, () => console.log('ran'), { keepsAlive: true })
    systemClock.after(3_600_000, () => console.log('ran too'), { keepsAlive: true })()
    process.on('exit', () => console.log('exit'))
  `)
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: 'ran\nexit\n' })
})

test('where there is no nextTick every call reads', () => {
  const { status, stdout, stderr } = run(`
    let readings = 0
    const now = performance.now.bind(performance)
    performance.now = () => (readings++, now())
    const { process } = globalThis
    delete globalThis.process
    const { systemClock } = await import(CLOCK)
    for (let i = 0; i < 10; i++) systemClock.now()
    globalThis.process = process
    console.log(readings)
  `)
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: '10\n' })
})
