import { readFile } from 'node:fs/promises'

import { tableText } from '../report/table.ts'
import type { Peer } from './peer.ts'

const HERE = new URL('../..', import.meta.url)

async function versionOf(name: string, home: URL = HERE): Promise<string> {
  const file = new URL(`node_modules/${name}/package.json`, home)
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version
}

/** What everyone is measured with: the version that is installed, and how it is set up. */
export async function setUpTable(peers: readonly Peer[]): Promise<string> {
  const rows = peers.map(async ({ name, npm, home, setUp }) => [
    name,
    npm === undefined ? 'this repository' : await versionOf(npm, home),
    setUp,
  ])
  return tableText({ head: ['', 'version', 'set up as'], rows: await Promise.all(rows), texts: 3 })
}
