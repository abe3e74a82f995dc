import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

import type { Outcome, Setting } from '../src/behaviour.ts'

/** Runs every behaviour in one runtime. */
export interface Runtime {
  readonly name: string
  run(setting: Setting): Promise<readonly Outcome[]>
}

const { resolve } = createRequire(import.meta.url)
const execute = promisify(execFile)
const source = (name: string): string => fileURLToPath(new URL(`../src/${name}`, import.meta.url))
const folder = (name: string): string => dirname(resolve(`${name}/package.json`))

const CONDITION = '@shelflife/source'
/** On a machine that is busy. */
export const PATIENCE = 120_000

/** A program on the sources as they are, with what it finds in `node_modules`. */
const process = (name: string, program: string, options: readonly string[]): Runtime => ({
  name,
  async run({ url, token }) {
    const words = [...options, source('process.ts'), url, token]
    const { stdout } = await execute(program, words, { cwd: source('..'), timeout: PATIENCE })
    return JSON.parse(stdout) as Outcome[]
  },
})

const node = (version: string, name: string): Runtime =>
  process(`Node ${version}`, join(folder(name), 'bin/node'), [`--conditions=${CONDITION}`, '--no-warnings'])

/** Bundled, as for deployment, without what Node has. */
const workerd: Runtime = {
  name: 'workerd',
  async run(setting) {
    const { outputFiles } = await build({
      entryPoints: [source('worker.ts')],
      bundle: true,
      format: 'esm',
      target: 'es2022',
      conditions: [CONDITION, 'workerd', 'worker'],
      // loaded where SHELFLIFE_URL is a Redis or a file, which no Worker can have
      external: ['@shelflife/ioredis', '@shelflife/sqlite'],
      write: false,
    })
    const worker = new Miniflare({
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0]?.text ?? '' }],
      compatibilityDate: '2026-07-01',
    })
    try {
      const response = await worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify(setting) })
      return (await response.json()) as Outcome[]
    } finally {
      await worker.dispose()
    }
  },
}

export const RUNTIMES: readonly Runtime[] = [
  node('22', 'node22'),
  node('24', 'node'),
  node('26', 'node26'),
  process('Bun', join(folder('bun'), 'bin/bun.exe'), [`--conditions=${CONDITION}`]),
  process('Deno', join(folder('deno'), 'deno'), ['run', '--allow-all', `--conditions=${CONDITION}`]),
  workerd,
]
