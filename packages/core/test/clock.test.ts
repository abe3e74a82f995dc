import { spawnSync } from 'node:child_process'

import { exactClock, systemClock } from '@shelflife/core'
import { afterEach, expect, test, vi } from 'vitest'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

afterEach(() => vi.restoreAllMocks())

/** Runs a module in a process of its own, where `time` passes only when it is told to, and `readings` are counted. */
const counted = (source: string): string =>
  run(`
    let time = performance.now() + 1, readings = 0
    performance.now = () => (readings++, time)
    const turn = () => new Promise(setImmediate)
    const { systemClock } = await import(CLOCK)
    await turn()
    readings = 0
    ${source}
  `).stdout

test('where reads come thick one reading serves the next seven of the turn', () => {
  const source = `
    time += 1
    const times = Array.from({ length: 73 }, () => systemClock.now())
    console.log(readings, new Set(times).size)`
  expect(counted(source)).toBe('10 1\n')
})

test('where reads are rare each reads', () => {
  const source = `
    for (let i = 1; i <= 20; i++) {
      time += 0.02
      systemClock.now()
    }
    console.log(readings)`
  expect(counted(source)).toBe('20\n')
})

test('the next turn reads anew', () => {
  const source = `
    for (let i = 1; i <= 5; i++) {
      time += 1
      for (let j = 0; j < 3; j++) systemClock.now()
      await turn()
    }
    console.log(readings)`
  expect(counted(source)).toBe('10\n')
})

test('a chain of promises is one turn', () => {
  const source = `
    time += 1
    systemClock.now()
    systemClock.now()
    for (let i = 0; i < 7; i++) {
      await Promise.resolve()
      systemClock.now()
    }
    console.log(readings)`
  expect(counted(source)).toBe('2\n')
})

test('after computing for long within a turn at most seven calls do not know of it', () => {
  const source = `
    for (let i = 0; i < 3; i++) systemClock.now()
    time += 4000
    const before = systemClock.now()
    const times = Array.from({ length: 7 }, () => systemClock.now())
    console.log(Math.round(times.at(-1) - before))
    // what computes between all calls is told the time each time
    readings = 0
    for (let i = 0; i < 20; i++) {
      time += 25
      await null
      systemClock.now()
    }
    console.log(readings > 12)`
  expect(counted(source)).toBe('4000\ntrue\n')
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

test('a wall clock that is set back changes nothing, and what it makes up for then does', () => {
  const wall = performance.timeOrigin + performance.now()
  const before = systemClock.now()
  const now = vi.spyOn(Date, 'now').mockReturnValue(wall - 3_600_000)
  expect(systemClock.now() - before).toBeLessThan(60_000)
  now.mockReturnValue(wall - 3_600_000 + 600_000)
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(600_000 - 60_000)
  expect(systemClock.now() - before).toBeLessThan(600_000 + 60_000)
})

test('a date that a mock has set is forgotten when the mock is taken away', async () => {
  await turn()
  const before = systemClock.now()
  const date = vi.spyOn(Date, 'now').mockReturnValue(0)
  await turn()
  systemClock.now()
  date.mockRestore()
  await turn()
  expect(systemClock.now() - before).toBeLessThan(60_000)
})

test('the clock that is read at each call is the same one, with the time for which a machine slept', async () => {
  await turn()
  const at = exactClock.now()
  const today = performance.timeOrigin + performance.now()
  vi.spyOn(Date, 'now').mockReturnValue(today + 3_600_000)
  const passed = exactClock.now() - at
  expect(passed).toBeGreaterThanOrEqual(3_600_000 - 1)
  expect(systemClock.now() - at).toBeGreaterThanOrEqual(passed)
})

test('the time for which a machine slept has passed: the monotonic clock stood still, the wall clock did not', async () => {
  // what the wall clock has made up for since the last test is no part of this
  await turn()
  const [at, today] = [systemClock.now(), performance.timeOrigin + performance.now()]
  const monotonic = vi.spyOn(performance, 'now')
  const wall = vi.spyOn(Date, 'now')
  monotonic.mockReturnValue(5000)
  wall.mockReturnValue(today)
  systemClock.now()
  monotonic.mockReturnValue(5010)
  wall.mockReturnValue(today + 28_800_010)
  const passed = systemClock.now() - at
  expect(passed).toBeGreaterThanOrEqual(28_800_000)
  expect(passed).toBeLessThan(28_800_000 + 60_000)
  monotonic.mockReturnValue(5020)
  wall.mockReturnValue(today + 28_800_020)
  expect(systemClock.now() - at - passed).toBeCloseTo(10, 5)
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

test.each(['undefined', '7', '{}', 'null'])('a timer that is %s serves', (timer) => {
  const { status, stdout, stderr } = run(`
    const { systemClock } = await import(CLOCK)
    globalThis.setTimeout = () => ${timer}
    systemClock.after(10, () => {})()
    systemClock.after(10, () => {}, { keepsAlive: true })()
    console.log('ok')
  `)
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: 'ok\n' })
})

test('a timer of no or less time does not warn', () => {
  const timer = vi.spyOn(globalThis, 'setTimeout')
  systemClock.after(-5, () => {})()
  expect(timer).toHaveBeenLastCalledWith(expect.any(Function), 0)
})

test('where there is no nextTick every call reads', () => {
  const { status, stdout, stderr } = run(`
    let readings = 0
    const now = performance.now.bind(performance)
    performance.now = () => (readings++, now())
    const { process } = globalThis
    delete globalThis.process
    const { systemClock } = await import(CLOCK)
    readings = 0
    for (let i = 0; i < 10; i++) systemClock.now()
    globalThis.process = process
    console.log(readings)
  `)
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: '10\n' })
})
