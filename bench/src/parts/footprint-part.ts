import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

import { median } from '../measure/median.ts'
import { inRounds } from '../measure/rounds.ts'
import type { Imports, Peer } from '../peers/peer.ts'
import { LIBRARIES } from '../peers/peers.ts'
import { duration, size } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import type { Part } from './part.ts'

/** Clients are the same for everyone, and bring more than any of the libraries. */
const CLIENTS = ['ioredis', '@redis/client', 'redis']
const folderOf = (peer: Peer | undefined): string => fileURLToPath(peer?.home ?? new URL('../..', import.meta.url))
/** What a program with no import takes. */
const NOTHING = 'nothing'

const run = promisify(execFile)

/** A program that imports these names and uses them. */
function programOf(imports: Imports): string {
  const lines = Object.entries(imports).map(([module, names], i) => {
    const list = names.map((name) => `${name} as ${name}${i}`).join(', ')
    return { line: `import { ${list} } from '${module}'`, used: names.map((name) => `${name}${i}`) }
  })
  const used = lines.flatMap((one) => one.used).join(', ')
  return [...lines.map((one) => one.line), `globalThis.used = [${used}]`].join('\n')
}

/** Bytes of the program as a bundle, minified and compressed. */
async function bundled(imports: Imports | undefined, folder: string): Promise<string> {
  if (imports === undefined) return 'n/a'
  const { outputFiles } = await build({
    stdin: { contents: programOf(imports), resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: CLIENTS,
    logLevel: 'error',
  })
  return size(gzipSync(outputFiles[0]?.contents ?? new Uint8Array()).length)
}

/** Nanoseconds that Node takes to import it, from its start to its end. */
async function imported(imports: Imports | undefined, folder: string): Promise<number> {
  const began = performance.now()
  const program = imports === undefined ? '' : programOf(imports)
  await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder })
  return (performance.now() - began) * 1e6
}

/** What a library costs before it does anything. */
export const footprintPart: Part = async ({ rounds }) => {
  const peers = new Map(LIBRARIES.map((peer) => [peer.name, peer]))
  const figures = await inRounds([NOTHING, ...peers.keys()], { rounds: Math.ceil(rounds / 2), warmUp: 1 }, (name) =>
    imported(peers.get(name)?.imports.local, folderOf(peers.get(name))),
  )
  const base = figures.get(NOTHING) ?? []
  const rows: (readonly string[])[] = []
  for (const [name, peer] of peers) {
    const times = (figures.get(name) ?? []).map((time, round) => time - (base[round] ?? Number.NaN))
    const sizes = [peer.imports.local, peer.imports.remote].map((imports) => bundled(imports, folderOf(peer)))
    rows.push([name, duration(Math.max(0, median(times))), ...(await Promise.all(sizes))])
  }
  return { text: tableText({ head: ['', 'import', 'bundle, in one process', 'bundle, with Redis'], rows }) }
}
