import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { describe, expect, onTestFinished, test } from 'vitest'

import { mixedLoad } from './mixed-load.ts'

/** Seconds. Two minutes by hand: `MIXED_SECONDS=120`. */
const SECONDS = Number(process.env['MIXED_SECONDS'] ?? 15)

const CLIENTS = 20

/**
 * A vitest suite of one test: many clients ask for everything in every way, of a process that handles no uncaught exception.
 *
 * @param program prints the URL at which a server with `MIXED_ROUTES` listens, as its first line
 */
export function describeMixedLoad(name: string, program: URL, ...args: readonly string[]): void {
  describe(`a mixed load on ${name}`, () => {
    test(
      'no exit, no wrong byte, no wrong length, nobody waits in vain',
      { timeout: SECONDS * 1000 + 60_000 },
      async () => {
        const child = spawn(process.execPath, ['--conditions=@shelflife/source', fileURLToPath(program), ...args], {
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        onTestFinished(() => void child.kill('SIGKILL'))
        let said = ''
        child.stderr.setEncoding('utf8').on('data', (text: string) => void (said += text))
        const [origin] = (await once(createInterface(child.stdout), 'line')) as [string]
        const { requests, faults } = await mixedLoad({ origin, clients: CLIENTS, milliseconds: SECONDS * 1000 })
        // what it says is what its framework writes of handlers that fail
        expect([child.exitCode, child.signalCode], said.slice(-2000)).toEqual([null, null])
        expect(faults).toEqual([])
        expect(requests).toBeGreaterThan(100)
      },
    )
  })
}
