import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Runs a file on its own. Rejects when it fails, prints an error, or has not ended after twenty seconds. */
export async function runChild(file: URL, ...args: string[]): Promise<string> {
  const all = ['--conditions=@shelflife/source', fileURLToPath(file), ...args]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, all, { timeout: 20_000 })
  if (stderr !== '') throw new Error(stderr)
  return stdout
}
