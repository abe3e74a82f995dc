import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

import type { Answer, Message } from './send.ts'
import { send } from './send.ts'

type Headers = Readonly<Record<string, string>>

/** Those who ask a server under attack. */
export interface AttackClient {
  readonly origin: string
  /** A request whose target is sent as it is. */
  ask(target: string, headers?: Headers, more?: Partial<Omit<Message, 'lines'>>): Promise<Reading>
  /** Writes bytes on a connection of their own and reads until it ends. */
  raw(message: string): Promise<string>
  /** A connection of one's own. */
  connect(): Socket
  /** How often the handler of a route ran, given as `GET /path`. */
  runs(route: string): Promise<number>
  stats(): Promise<{ readonly entries: number; readonly bytes: number }>
}

/** What a client saw. */
export interface Reading extends Answer {
  readonly content: string
}

interface Facts {
  readonly runs: Readonly<Record<string, number>>
  readonly entries: number
  readonly bytes: number
}

/** Makes clients of one server. */
export function createAttackClient(origin: string): AttackClient {
  const { hostname, port } = new URL(origin)
  const open = (): Socket => connect({ host: hostname, port: Number(port) })

  async function ask(target: string, headers: Headers = {}, more: Partial<Omit<Message, 'lines'>> = {}) {
    const answer = await send(`${origin}${target}`, { method: 'GET', ...more, lines: Object.entries(headers) })
    return { ...answer, content: answer.body.toString('latin1') }
  }

  async function facts(): Promise<Facts> {
    return JSON.parse((await ask('/facts')).content) as Facts
  }

  return {
    origin,
    ask,
    connect: open,
    async raw(message) {
      const socket = open()
      socket.write(message, 'latin1')
      // a connection that is cut is an answer as well
      return text(socket).catch(() => '')
    },
    runs: async (route) => (await facts()).runs[route] ?? 0,
    stats: facts,
  }
}

/** The head of a GET on a connection that goes on. */
export const headOf = (target: string, headers: Headers = {}): string => {
  const lines = Object.entries({ Host: 'a.test', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}

export interface Flood {
  readonly count: number
  /** The request with this number. */
  request(index: number): string
}

const CONNECTIONS = 8
const AHEAD = 16
const STATUS_LINE = 'HTTP/1.1 200 '.length

/** Sends many requests over a few connections, some ahead of their answers. Resolves with how many were answered 200. */
export async function flood(client: AttackClient, { count, request }: Flood): Promise<number> {
  let next = 0
  let good = 0
  /** What was asked on connections that a server closed, as it may at any time: asked again on others. */
  const again: number[] = []
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = client.connect()
      const waiting: number[] = []
      let tail = ''
      function ask(): void {
        let message = ''
        while (waiting.length < AHEAD && (again.length > 0 || next < count)) {
          const index = again.pop() ?? next++
          waiting.push(index)
          message += request(index)
        }
        if (waiting.length === 0) return void socket.end(() => resolve())
        if (message !== '') socket.write(message)
      }
      socket.on('data', (chunk: Buffer) => {
        const seen = tail + chunk.toString('latin1')
        const statuses = [...seen.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
        const end = (statuses.at(-1)?.index ?? -STATUS_LINE) + STATUS_LINE
        // a line that is cut in the middle is counted with the rest of it
        tail = seen.slice(Math.max(end, seen.length - STATUS_LINE + 1))
        good += statuses.filter(([, status]) => status === '200').length
        waiting.splice(0, statuses.length)
        ask()
      })
      // one that is closed in the middle of a request is closed as well
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error)
      })
      socket.on('close', () => {
        again.push(...waiting)
        resolve(waiting.length > 0 ? one() : undefined)
      })
      ask()
    })
  await Promise.all(Array.from({ length: CONNECTIONS }, one))
  return good
}
