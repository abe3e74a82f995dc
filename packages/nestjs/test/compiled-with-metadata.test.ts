import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

import { compile, root } from './compile.ts'

const run = promisify(execFile)

const EXPECTED = {
  first: '203 {"task":"1 1","response":1}',
  second: '203 {"task":"1 1","response":1}',
  written: '201',
  third: '203 {"task":"1 2","response":2}',
  files: ['200 file 3', '200 file 3'],
  refused: '403',
  users: ['200 of a', '200 of b', '200 of a'],
  outside: ['200 of a', '200 of b', '200 of a'],
  asking: ['200 of a', '200 of b'],
  versions: ['first x-version', 'second x-version', 'first x-version'],
  managed: 1,
}

test.each([
  ['12', root],
  ['11', join(root, 'nest-11')],
])(
  'an application on Nest %s that is compiled with metadata is cached on both platforms',
  async (major, home) => {
    const { file, remove } = compile(home, 'metadata-app')
    onTestFinished(remove)
    const { stdout } = await run(process.execPath, ['--conditions=@shelflife/source', file])
    const { version, express, fastify } = JSON.parse(stdout) as Record<string, unknown>
    expect(String(version).split('.')[0]).toBe(major)
    expect(express).toEqual(EXPECTED)
    expect(fastify).toEqual(EXPECTED)
  },
  60_000,
)
