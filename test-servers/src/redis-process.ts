import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { redisServerPath } from './redis-server-path.ts'

export interface RedisProcess {
  readonly pid: number
  /** Whether it still runs. */
  isAlive(): boolean
  signal(name: NodeJS.Signals): void
  /** Ends it at once, also when it is stopped, and waits until it is gone. */
  kill(): Promise<void>
}

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

/** Starts `redis-server`; `folder` is removed should this process end before it. */
export async function startProcess(folder: string, args: readonly string[]): Promise<RedisProcess> {
  const child = spawn(redisServerPath(), args, { cwd: folder, stdio: 'ignore' })
  const ended = once(child, 'exit')
  ended.catch(() => {})
  await once(child, 'spawn')
  child.unref()
  const pid = child.pid as number
  const guard = spawnGuard(pid, folder)
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null
  // a process id that is free again may be another's
  void ended.then(() => guard.kill('SIGKILL'))
  return {
    pid,
    isAlive,
    signal(name) {
      if (!isAlive()) throw new Error('this server does not run')
      process.kill(pid, name)
    },
    async kill() {
      if (!isAlive()) return
      child.ref()
      process.kill(pid, 'SIGCONT')
      process.kill(pid, 'SIGKILL')
      await ended
    },
  }
}
