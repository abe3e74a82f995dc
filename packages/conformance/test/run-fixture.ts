import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The tests of one suite that was run against something broken. */
export interface FixtureResult {
  readonly failed: readonly string[]
  readonly passed: readonly string[]
}

/** Runs `broken/<name>.fixture.ts`, whose tests are to fail, in a vitest of its own. */
export async function runFixture(name: string): Promise<Readonly<Record<string, FixtureResult>>> {
  const file = fileURLToPath(new URL('children/run-fixture.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [file, name], { maxBuffer: 2 ** 26 })
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as Record<string, FixtureResult>
}
