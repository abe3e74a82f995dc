import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What the cache with every other mistake withstands: it stores, and Node refuses messages that are none. */
const WITHSTOOD = [
  /is stored all the same$/,
  /^two ranges of one client/,
  /^a header that is too long for the server/,
  /^a header with a (?:control character|line feed)/,
  /^a client that goes away after 8 bytes/,
  /^what counts of a query cannot be hidden/,
  /^what cannot be a tag breaks no answer$/,
]

test('describeAttacks notices every mistake', { timeout: 60_000 }, async () => {
  const child = fileURLToPath(new URL('children/run-fixture.ts', import.meta.url))
  const options = { maxBuffer: 2 ** 26 }
  const { stdout } = await promisify(execFile)(process.execPath, [child, 'attacked', 'passed'], options)
  const passed = JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as readonly string[]
  expect(passed.filter((name) => !WITHSTOOD.some((pattern) => pattern.test(name)))).toEqual([])
})
