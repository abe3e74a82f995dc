import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const placeholder = `import * as core from '@shelflife/core'
import * as memory from '@shelflife/memory'

console.log(Object.keys(core), Object.keys(memory))
`

/** Tries the first `ts` block of the README as a new user would: in an empty project, as ESM, CommonJS and TypeScript. */
export function checkReadmeExample(tarballs: readonly string[]): void {
  const project = mkdtempSync(join(tmpdir(), 'shelflife-readme-'))
  const run = (command: string, ...args: string[]): unknown =>
    execFileSync(command, args, { cwd: project, stdio: 'inherit' })
  const tsc = (...options: string[]): unknown =>
    run(resolve('node_modules/.bin/tsc'), '--strict', '--typeRoots', resolve('node_modules/@types'), ...options)

  try {
    const example = readExample()
    writeFileSync(join(project, 'package.json'), '{ "private": true }')
    writeFileSync(join(project, 'esm.mts'), example)
    writeFileSync(join(project, 'cjs.cts'), asCommonJs(example))
    run('npm', 'install', '--no-audit', '--no-fund', ...tarballs.filter((path) => /-(core|memory)-/.test(path)))

    for (const node of ['nodenext', 'node16']) tsc('--module', node, '--types', 'node', 'esm.mts', 'cjs.cts')
    tsc('--module', 'preserve', '--moduleResolution', 'bundler', '--types', 'node', '--noEmit', 'esm.mts')
    for (const compiled of ['esm.mjs', 'cjs.cjs']) run('node', compiled)
  } finally {
    rmSync(project, { recursive: true })
  }
}

function readExample(): string {
  if (!existsSync('README.md')) return placeholder
  const block = /^```ts\n(.*?)^```/ms.exec(readFileSync('README.md', 'utf8'))?.[1]
  if (block === undefined) throw new Error('README.md has no ts block')
  return block
}

/** CommonJS has no top-level await: what follows the imports moves into a function. */
function asCommonJs(example: string): string {
  const lines = example.split('\n')
  const imports = lines.filter((line) => line.startsWith('import '))
  const body = lines.filter((line) => !line.startsWith('import ')).map((line) => line.replace(/^export /, ''))
  return [...imports, 'async function main() {', ...body, '}', 'void main()'].join('\n')
}
