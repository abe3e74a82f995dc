import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface Program {
  readonly name: string
  /** The environment variable that names it where it is not on the PATH. */
  readonly variable: string
  /** The package of Debian and of Homebrew that has it. */
  readonly packages: { readonly debian: string; readonly brew: string }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** What to put before a command that needs root, or `undefined` where that would ask for a password. */
function asRoot(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined
}

function install(debianPackage: string): void {
  const prefix = asRoot()
  if (prefix === undefined || !existsSync('/etc/debian_version') || onPath('apt-get') === undefined) return
  process.stdout.write(`installing ${debianPackage}, which the tests need\n`)
  // at this runlevel Debian starts no service; the tests start servers of their own
  const words = [...prefix, 'env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q']
  for (const rest of [['update'], ['install', '-y', '--no-install-recommends', debianPackage]]) {
    const [command = '', ...args] = [...words, ...rest]
    execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  }
}

/**
 * Where a program is. One that is missing is installed where that takes no password.
 *
 * @throws Error that says what to install
 */
export function programPath({ name, variable, packages }: Program): string {
  const given = process.env[variable]
  if (given !== undefined && given !== '') {
    if (isExecutable(given)) return given
    throw new Error(`${variable} must name an executable file; received ${JSON.stringify(given)}`)
  }
  const found = onPath(name)
  if (found !== undefined) return found
  install(packages.debian)
  const installed = onPath(name)
  if (installed !== undefined) return installed
  throw new Error(
    `The tests need ${name}. Install it (Debian and Ubuntu: apt-get install ${packages.debian}; Homebrew: ` +
      `brew install ${packages.brew}) or name the file in ${variable}.`,
  )
}
