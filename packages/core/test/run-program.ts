import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs a module on its own against the sources. Rejects when it fails or has not ended after 20 s. */
export async function runProgram(source: string): Promise<string> {
  const args = ['--conditions=@shelflife/source', '--input-type=module', '--eval', source]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 20_000 })
  return stdout
}
