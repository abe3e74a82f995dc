import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

import type { ProcessFaults } from '@shelflife/conformance/faults'
import { processFaults } from '@shelflife/conformance/faults'

import { redisServerPath } from './redis-server-path.ts'

/**
 * Its input ends when this process does, however it ends; then the server goes, and its folder. It outlives the
 * signals of a terminal, which would reach it first.
 */
const GUARD = `trap '' INT TERM HUP; read -r _; kill -CONT "$1"; kill -KILL "$1"; rm -rf "$2"`

function spawnGuard(pid: number, folder: string): ChildProcess {
  const guard = spawn('sh', ['-c', GUARD, 'guard', String(pid), folder], { stdio: ['pipe', 'ignore', 'ignore'] })
  guard.unref()
  const input = guard.stdin as unknown as { unref(): void; on(event: 'error', listener: () => void): void }
  input.unref()
  input.on('error', () => {})
  return guard
}

/** Starts `redis-server`; `folder` is removed should this process end before it. `variables` are for its environment. */
export async function startProcess(
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<ProcessFaults> {
  const env = { ...process.env, ...variables }
  const child = spawn(redisServerPath(), args, { cwd: folder, stdio: 'ignore', env })
  await once(child, 'spawn')
  child.unref()
  const server = processFaults(child)
  const guard = spawnGuard(server.pid, folder)
  // a process id that is free again may be another's
  child.once('exit', () => guard.kill('SIGKILL'))
  return server
}
