import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly chunks?: readonly string[]
}

/** What a client sees: a status and a body, or that the connection was broken off. */
type Seen = readonly [status: number, body: string] | 'broken off'

/** A server in a process that has no handler of uncaught exceptions. */
export interface ChildServer {
  ask(path: string, asked?: Asked): Promise<Seen>
  /** Fails unless the process lives, and still answers. */
  expectAlive(): Promise<void>
}

/** How long an answer may take: whoever waits longer waits for something that never comes. */
const LONGEST = 5000

function ask(url: string, { method = 'GET', headers = {}, chunks = [] }: Asked): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false, signal: AbortSignal.timeout(LONGEST) })
    sent.on('response', (response) => {
      text(response).then(
        (body) => resolve([response.statusCode ?? 0, body]),
        () => resolve('broken off'),
      )
    })
    sent.on('error', (error) => {
      const { code } = error as { readonly code?: string }
      if (error.name === 'TimeoutError') reject(new Error(`${method} ${url} was not answered`))
      else if (code === 'ECONNREFUSED') reject(new Error('the process has ended'))
      else resolve('broken off')
    })
    for (const chunk of chunks) sent.write(chunk)
    sent.end()
  })
}

/** Starts a file of `children` for the tests of a `describe`. It answers `/alive`. */
export function childServer(file: string, ...args: readonly string[]): ChildServer {
  let origin = ''
  let said = ''
  let child: ReturnType<typeof spawn> | undefined
  beforeAll(async () => {
    const program = fileURLToPath(new URL(`children/${file}`, import.meta.url))
    const started = spawn(process.execPath, ['--conditions=@shelflife/source', program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    started.stderr.setEncoding('utf8').on('data', (more: string) => void (said += more))
    ;[origin] = (await once(createInterface(started.stdout), 'line')) as [string]
  })
  afterAll(() => void child?.kill('SIGKILL'))
  return {
    ask: (path, asked = {}) => ask(`${origin}${path}`, asked),
    async expectAlive() {
      const answer = await ask(`${origin}/alive`, {}).catch(() => undefined)
      expect([child?.exitCode, child?.signalCode, answer], said.slice(-2000)).toEqual([null, null, [200, 'yes']])
    },
  }
}
