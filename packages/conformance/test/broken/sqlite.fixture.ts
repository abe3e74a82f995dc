import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describeStore, fakeClock } from '@shelflife/conformance'
import { sqliteStore } from '@shelflife/sqlite'
import { afterAll } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'shelflife-broken-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A store that is whole in this process, and broken in those that it starts. */
function describeBroken(name: string, child: string): void {
  const path = join(folder, `${child}.db`)
  const clock = fakeClock()
  describeStore(name, {
    connect: async () => sqliteStore(path, { clock }),
    time: {
      clock,
      async advance(ms) {
        clock.advance(ms)
        await new Promise((resolve) => void setImmediate(resolve))
      },
    },
    loseBus: 'not of interest here',
    spawn: () =>
      fork(join(import.meta.dirname, `../children/${child}.ts`), [path], {
        execArgv: ['--conditions=@shelflife/source'],
      }),
  })
}

describeBroken('without transactions', 'sqlite-without-transactions')
describeBroken('leases for everybody', 'sqlite-without-leases')
describeBroken('leases for nobody', 'sqlite-all-leased')
