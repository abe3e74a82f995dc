import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ProcessFaults } from '@shelflife/conformance/faults'

import { createCertificates } from './certificates.ts'
import { command } from './command.ts'
import { fakeClockPath } from './fake-clock-path.ts'
import { freePort } from './free-port.ts'
import { startProcess } from './redis-process.ts'
import { until } from './until.ts'

export interface RedisServer {
  readonly host: string
  readonly port: number
  /** `redis://127.0.0.1:…`, or `rediss://…`. */
  readonly url: string
  /** The certificate authority of a server with TLS, in PEM. */
  readonly ca: string | undefined
  /** Of the process that runs now. */
  pid(): number
  /** Sends one command on a connection of its own, as a user that may do everything. */
  command(...words: (string | number)[]): Promise<unknown>
  /** SIGSTOP: connections stay open and nothing is answered. */
  pause(): void
  resume(): void
  /** SIGKILL; `restart` brings it back. */
  kill(): Promise<void>
  /** Ends it if it runs and starts it anew, empty, on the same port. */
  restart(): Promise<void>
  /** Sets the wall clock of a server with `hasOwnClock` off from that of the machine, at once, by milliseconds. */
  setClock(offset: number): Promise<void>
  /** Ends it for good. May be called again. */
  stop(): Promise<void>
}

export interface RedisServerOptions {
  /** Arguments such as `['--maxmemory', '3mb']`. */
  readonly args?: readonly string[]
  /** Speaks TLS and nothing else. */
  readonly tls?: boolean
  /** Users, such as `['default off', 'app on >secret ~app:* +get']`. */
  readonly acl?: readonly string[]
  /** Whether its wall clock can be set while it runs. Linux only. */
  readonly hasOwnClock?: boolean
  /** Further lines of its configuration. */
  readonly config?: readonly string[]
}

const HOST = '127.0.0.1'
/** Without `libc` in front of it, jemalloc reads the clock while the library that fakes it is being loaded, and hangs. */
const ownClock = (file: string): Record<string, string> => ({
  LD_PRELOAD: `${fakeClockPath()} libc.so.6`,
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
})
/** Keeps `command` working whatever `acl` says. */
const ADMIN = { username: 'test-servers', password: 'test-servers' }
const ADMIN_RULE = `user ${ADMIN.username} on >${ADMIN.password} ~* &* +@all`

/**
 * Starts a `redis-server` that stores nothing on disk. It ends with this process at the latest.
 *
 * @example
 * const server = await startRedis({ acl: ['default off', 'app on >secret ~app:* &app:* +@all'] })
 * afterAll(() => server.stop())
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'shelflife-redis-'))
  const port = await freePort()
  const certificates = options.tls === true ? createCertificates(folder) : undefined
  const acl = options.acl === undefined ? [] : [ADMIN_RULE, ...options.acl.map((user) => `user ${user}`)]
  const listening = certificates === undefined ? [`port ${port}`] : ['port 0', `tls-port ${port}`]
  const own = ['save ""', 'appendonly no', 'logfile server.log', `bind ${HOST}`, `dir "${folder}"`]
  const file = join(folder, 'redis.conf')
  const lines = [...listening, ...own, ...(certificates?.config ?? []), ...acl, ...(options.config ?? [])]
  await writeFile(file, `${lines.join('\n')}\n`)

  const clock = join(folder, 'clock')
  const variables = options.hasOwnClock === true ? ownClock(clock) : {}
  async function setClock(offset: number): Promise<void> {
    await writeFile(`${clock}.new`, `${offset < 0 ? '-' : '+'}${Math.abs(offset) / 1000}`)
    await rename(`${clock}.new`, clock)
  }
  await setClock(0)

  let running: ProcessFaults
  const send = (...words: (string | number)[]): Promise<unknown> =>
    command({ host: HOST, port, tls: certificates, user: acl.length > 0 ? ADMIN : undefined }, words)

  async function start(): Promise<void> {
    running = await startProcess(folder, [file, ...(options.args ?? [])], variables)
    await until('redis-server answers', async () => {
      if (running.isAlive()) return (await send('PING')) === 'PONG'
      return true
    })
    if (running.isAlive()) return
    throw new Error(`redis-server ended: ${await readFile(join(folder, 'server.log'), 'utf8').catch(() => 'no log')}`)
  }

  await start()
  return {
    host: HOST,
    port,
    url: `${certificates === undefined ? 'redis' : 'rediss'}://${HOST}:${port}`,
    ca: certificates?.ca,
    pid: () => running.pid,
    command: send,
    pause: () => running.pause(),
    resume: () => running.resume(),
    kill: () => running.kill(),
    async restart() {
      await running.kill()
      await start()
    },
    setClock,
    async stop() {
      await running.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
