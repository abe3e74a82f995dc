import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { startFront } from './front.ts'

const { front, store } = await startFront()

/** Runs a job in a process that has nothing else to do; what it came to, and nothing where the process ended before it. */
async function run(job: string): Promise<string> {
  const program = `
    import { createCache } from '@shelflife/core'
    import { upstashStore } from '@shelflife/upstash'
    const target = ${JSON.stringify({ url: front.url, token: front.token })}
    const cache = createCache({ namespace: 'ends', store: upstashStore(target, { budget: { read: '10s', write: '10s' } }) })
    const get = cache.cached(async () => 'loaded', { name: 'value' })
    async function job() { ${job} }
    job().then((did) => process.stdout.write(String(did)))
  `
  const args = ['--conditions=@shelflife/source', '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 25_000 })
  return stdout
}

test('a process does not end while a caller waits for the load of another one', { timeout: 30_000 }, async () => {
  const key = 'ends/value()'
  await store().open({ key, owner: 'other', lease: 2000, mode: 'load' })
  expect(await run('return get()')).toBe('loaded')
})

test('a process does not end while a command waits to be sent once more', { timeout: 30_000 }, async () => {
  let failures = 0
  front.inject = ({ commands: [command] }) => {
    if (command?.[0] === 'MGET' && failures++ === 0)
      return { answer: { status: 502, body: '<html>Bad Gateway</html>' } }
    return undefined
  }
  expect(await run('return cache.get("none").then(() => "looked")')).toBe('looked')
  expect(failures).toBeGreaterThan(1)
})
