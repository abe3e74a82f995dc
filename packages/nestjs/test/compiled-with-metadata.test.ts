import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

/** As `nest build` does it, but for modules. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  rewriteRelativeImportExtensions: true,
}

/** Compiles the package and the application to where they find one version of Nest. */
function compile(to: string): void {
  const sources = readdirSync(join(root, 'src')).map((name) => join('src', name))
  for (const source of [...sources, 'test/children/metadata-app.ts']) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), { compilerOptions })
    const file = join(to, source.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, outputText)
  }
  writeFileSync(join(to, 'package.json'), '{"type":"module"}')
}

const EXPECTED = {
  first: '203 {"task":"1 1","response":1}',
  second: '203 {"task":"1 1","response":1}',
  written: '201',
  third: '203 {"task":"1 2","response":2}',
  files: ['200 file 3', '200 file 3'],
  refused: '403',
  users: ['200 of a', '200 of b', '200 of a'],
  managed: 1,
}

test.each([
  ['12', root],
  ['11', join(root, 'nest-11')],
])(
  'an application on Nest %s that is compiled with metadata is cached on both platforms',
  async (major, home) => {
    const folder = join(home, 'node_modules', '.shelflife-test')
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    compile(folder)
    const { stdout } = await run(process.execPath, [
      '--conditions=@shelflife/source',
      join(folder, 'test/children/metadata-app.js'),
    ])
    const { version, express, fastify } = JSON.parse(stdout) as Record<string, unknown>
    expect(String(version).split('.')[0]).toBe(major)
    expect(express).toEqual(EXPECTED)
    expect(fastify).toEqual(EXPECTED)
  },
  60_000,
)
