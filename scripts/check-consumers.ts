import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** What those who use the packages build and test with, beside what this repository has itself. */
const TOOLS = ['typescript@5.4.5', 'webpack@5.113.0', 'jest@30.5.2', 'supertest@7.3.2']
/** The packages that are there; the other stores are not, which `@shelflife/env` has to do without. */
const PACKED = /-(core|memory|env|http|express)-\d/

const esm = `import { createCacheFromEnv } from '@shelflife/env'
const cache = await createCacheFromEnv({ namespace: 'shop' })
console.log(await cache.getOrLoad('key', () => 'loaded'))
`
const cjs = `const { createCacheFromEnv } = require('@shelflife/env')
void createCacheFromEnv({ namespace: 'shop' }).then(async (cache) => console.log(await cache.getOrLoad('key', () => 'loaded')))
`
const viteBuild = `import { build } from 'vite'
const ssr = { noExternal: true }
await build({ logLevel: 'error', ssr, build: { ssr: 'esm.mjs', outDir: 'out/vite' } })
`
const webpackBuild = `const webpack = require('webpack')
const output = { path: __dirname + '/out', filename: 'webpack.cjs' }
webpack({ mode: 'production', target: 'node', entry: './cjs.cjs', output }, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString())
})
`
/** A helper in CommonJS decides about a response of a server in modules. */
const twoFormats = `import { createRequire } from 'node:module'
import { createCache } from '@shelflife/core'
import { cacheResponses } from '@shelflife/express'
import { memoryStore } from '@shelflife/memory'
import express from 'express'

const { noStore } = createRequire(import.meta.url)('@shelflife/express')
const { cache } = cacheResponses({ cache: createCache({ namespace: 'shop', store: memoryStore() }) })
let runs = 0
const app = express()
app.get('/', cache({ ttl: '1m' }), (_req, res) => {
  noStore(res)
  res.send(String(++runs))
})
const server = app.listen(0, async () => {
  const answers = []
  for (const _ of [1, 2]) answers.push(await (await fetch('http://127.0.0.1:' + server.address().port)).text())
  server.close()
  if (answers.join() !== '1,2') throw new Error('noStore() of the other format was not heard: ' + answers)
})
`

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, unknown>>
}

/** The files of the page about testing, by the name in their first line. */
function testsOfPage(): readonly (readonly [file: string, text: string])[] {
  const blocks = readFileSync('docs/testing.md', 'utf8').matchAll(/^```\w+\n\/\/ (\S+)\n(.*?)^```/gms)
  return Array.from(blocks, ([, file = '', text = '']) => [file, text])
}

/** What can be imported of a package. */
function entriesOf(tarball: string): readonly string[] {
  const manifest = execFileSync('tar', ['-xOf', tarball, 'package/package.json'], { encoding: 'utf8' })
  const { name, exports } = JSON.parse(manifest) as Manifest
  const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'))
  return entries.map((entry) => name + entry.slice(1))
}

/** Puts a package in place without what it depends on: for its types. */
function unpack(project: string, tarball: string): void {
  const [name = ''] = entriesOf(tarball)
  const folder = join(project, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xf', tarball, '-C', folder, '--strip-components=1'])
}

function link(project: string, name: string, target: string): void {
  rmSync(join(project, 'node_modules', name), { recursive: true, force: true })
  symlinkSync(realpathSync(target), join(project, 'node_modules', name))
}

/** Has everything that is packed built, tested and compiled by what its users have. */
export function checkConsumers(tarballs: readonly string[]): void {
  const project = mkdtempSync(join(tmpdir(), 'shelflife-consumers-'))
  const run = (command: string, ...args: string[]): void => {
    console.log(`consumers: ${command} ${args.join(' ')}`)
    execFileSync(command, args, { cwd: project, stdio: 'inherit' })
  }
  const write = (file: string, text: string): void => writeFileSync(join(project, file), text)
  const vitest = resolve('node_modules/.bin/vitest')
  const esbuild = resolve('runtimes/node_modules/.bin/esbuild')

  try {
    write('package.json', '{ "private": true }')
    run(
      'npm',
      'install',
      '--no-audit',
      '--no-fund',
      '--silent',
      ...TOOLS,
      ...tarballs.filter((path) => PACKED.test(path)),
    )
    link(project, 'vitest', resolve('node_modules/vitest'))
    link(project, 'vite', join(dirname(realpathSync('node_modules/vitest')), 'vite'))
    link(project, 'express', resolve('packages/express/node_modules/express'))

    for (const [file, text] of Object.entries({ 'esm.mjs': esm, 'cjs.cjs': cjs, 'two.mjs': twoFormats }))
      write(file, text)
    run('node', 'two.mjs')
    run(esbuild, 'esm.mjs', '--bundle', '--platform=node', '--format=esm', '--outfile=out/esbuild.mjs')
    run(esbuild, 'cjs.cjs', '--bundle', '--platform=node', '--outfile=out/esbuild.cjs')
    write('vite-build.mjs', viteBuild)
    write('webpack-build.cjs', webpackBuild)
    run('node', 'vite-build.mjs')
    run('node', 'webpack-build.cjs')
    for (const built of ['esbuild.mjs', 'esbuild.cjs', 'vite/esm.mjs', 'webpack.cjs']) run('node', join('out', built))

    for (const [file, text] of testsOfPage()) write(file, text)
    run(vitest, 'run', '--root', '.', 'products.test.ts', 'responses.test.mjs')
    run('node_modules/.bin/jest', '--testMatch', '**/*.jest.test.js')
    run('node', '--test', 'products.node.test.mjs')

    for (const tarball of tarballs) unpack(project, tarball)
    const entries = tarballs.filter((path) => !path.includes('-conformance-')).flatMap(entriesOf)
    write('all.ts', entries.map((entry, i) => `import * as _${i} from '${entry}'\nvoid _${i}\n`).join(''))
    write('all.mts', readFileSync(join(project, 'all.ts'), 'utf8'))
    const tsc = (...args: string[]) =>
      run('node_modules/.bin/tsc', '--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022', ...args)
    tsc('--module', 'commonjs', 'all.ts')
    tsc('--module', 'node16', 'all.mts')
    tsc('--module', 'es2022', '--moduleResolution', 'bundler', 'all.ts')
  } finally {
    rmSync(project, { recursive: true })
  }
}
