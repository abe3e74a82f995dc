import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Asked {
  readonly method: string
  readonly path: string
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface HttpClient {
  send(port: number, asked: Asked): Promise<Answer>
  close(): void
}

/** Keeps its connections, and has less work with each request than `fetch`. */
export function createHttpClient(): HttpClient {
  const agent = new Agent({ keepAlive: true })
  return {
    async send(port, asked) {
      const asking = request({ agent, host: '127.0.0.1', port, ...asked })
      asking.end()
      const [response] = (await once(asking, 'response')) as [IncomingMessage]
      return { status: response.statusCode ?? 0, body: await text(response) }
    },
    close: () => agent.destroy(),
  }
}
