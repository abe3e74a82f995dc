import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createDatabase } from '../src/database.ts'
import { createMachineClock } from '../src/machine-clock.ts'
import { createSharedTime } from '../src/shared-time.ts'
import { inFile, newFile } from './file.ts'

const HOUR = 3_600_000
const NOW = 1_000_000_000

const clock = fakeClock()

/** The time of another process on a file. `ahead` is of the clock of the machine, `up` when that was started. */
function start(path: string, ahead: number, up = 0) {
  const database = createDatabase(path, clock)
  const time = createMachineClock(clock, () => clock.now() + ahead)
  return { database, time: createSharedTime({ database, time, uptime: () => clock.now() - up }) }
}

async function tell(path: string): Promise<number> {
  const { database, time } = start(path, NOW)
  const told = await database.write(time.tell, 0)
  database.close()
  return told
}

function now(path: string, ahead: number, up = 0): number {
  const { database, time } = start(path, ahead, up)
  const found = database.look(time.now)
  database.close()
  return found
}

test('a process that starts after the clock was set back goes on from where the others are by then', async () => {
  const path = newFile()
  const told = await tell(path)
  clock.advance(9000)
  expect(now(path, NOW - HOUR)).toBe(told + 9000)
  expect(now(path, NOW + HOUR)).toBe(told + 9000 + HOUR)
})

test('what was told before the machine was started anew makes nothing late', async () => {
  const path = newFile()
  await tell(path)
  clock.advance(HOUR)
  expect(now(path, NOW, clock.now())).toBe(NOW + clock.now())
  inFile(path, (file) => file.exec(`UPDATE state SET latest = ${NOW + clock.now()}`))
  expect(now(path, NOW - HOUR, clock.now())).toBe(NOW + clock.now())
})
