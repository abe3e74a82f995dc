import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Runs a file of `children` on its own. Rejects when it fails or has not ended after `timeout` milliseconds. */
export async function runChild(
  name: string,
  { flags = [] as readonly string[], timeout = 20_000 } = {},
): Promise<string> {
  const file = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))
  const args = ['--conditions=@shelflife/source', ...flags, file]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout })
  return stdout
}
