import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

import { Pool } from 'undici'

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
  /** Target and headers of the request with this number. */
  request(index: number): readonly [target: string, headers?: Headers]
}

const CONNECTIONS = 64

/** Sends many requests over some connections. Resolves with how many were answered 200. */
export async function flood({ origin }: AttackClient, { count, request }: Flood): Promise<number> {
  // with requests ahead of their answers workerd leaves a connection waiting now and then, whatever the worker
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
  let next = 0
  let good = 0
  async function one(): Promise<void> {
    while (next < count) {
      const [path, more] = request(next++)
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers: { Host: 'a.test', ...more } })
      await body.dump()
      if (statusCode === 200) good++
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, one))
  await pool.close()
  return good
}
