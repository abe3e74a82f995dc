import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describeStore, fakeClock } from '@shelflife/conformance'
import { sqliteStore } from '@shelflife/sqlite'
import { afterAll } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'shelflife-broken-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'cache.db')
const clock = fakeClock()
const child = join(import.meta.dirname, '../children/sqlite-without-transactions.ts')

describeStore('without transactions', {
  connect: async () => sqliteStore(path, { clock }),
  time: {
    clock,
    async advance(ms) {
      clock.advance(ms)
      await new Promise((resolve) => void setImmediate(resolve))
    },
  },
  loseBus: 'not of interest here',
  spawn: () => fork(child, [path], { execArgv: ['--conditions=@shelflife/source'] }),
})
