import type { Clock } from '@shelflife/core'
import type { RedisClient } from '@shelflife/redis'
import { Redis } from '@upstash/redis'

import { replyOf } from './base64.ts'
import { failureOf, isPassing } from './failures.ts'
import { createReadBytes } from './read-bytes.ts'

/** What one database is reached with. */
export interface UpstashClientInput {
  readonly url: string
  readonly token: string
  /** Milliseconds after which a request is given up. */
  readonly patience: number
  readonly clock: Clock
}

const [SHORTEST_PAUSE, LONGEST_PAUSE] = [20, 80]

/** Translates the REST client of Upstash. */
export function upstashClient({ url, token, patience, clock }: UpstashClientInput): RedisClient {
  // not one signal, which would stay aborted, and make a late answer `null`
  const signal = (): AbortSignal => AbortSignal.timeout(patience)
  const redis = new Redis({
    url,
    token,
    signal,
    // replies are bytes, of which nothing else may be made on the way
    automaticDeserialization: false,
    responseEncoding: false,
    // a batch would be carried out in no certain order, and fail as one
    enableAutoPipelining: false,
    enableTelemetry: false,
    // it would go on for seconds
    retry: { retries: 0 },
    readYourWrites: true,
  })
  redis.use((request, next) => next({ ...request, headers: { ...request.headers, 'Upstash-Encoding': 'base64' } }))
  const readBytes = createReadBytes({ url, token, signal, syncToken: () => redis.readYourWritesSyncToken })

  async function attempt(words: [string, ...string[]]): Promise<unknown> {
    try {
      // what is read on every hit, and may be large
      if (words[0] === 'MGET') return await readBytes(words)
      return replyOf(await redis.exec<unknown>(words))
    } catch (error) {
      throw failureOf(error, patience)
    }
  }

  /** Somewhere between the two, so that those who failed together do not come back together. */
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      clock.after(SHORTEST_PAUSE + Math.random() * (LONGEST_PAUSE - SHORTEST_PAUSE), resolve)
    })

  return {
    label: 'upstash',
    cluster: false,
    // requests overtake each other
    ordered: false,
    textOnly: true,
    async send(command) {
      const startedAt = clock.now()
      const words = command.map(String) as [string, ...string[]]
      try {
        return await attempt(words)
      } catch (error) {
        const isLate = clock.now() - startedAt > patience / 2
        if (isLate || !(error instanceof Error && isPassing(error))) throw error
      }
      // every command may be carried out twice
      await pause()
      return attempt(words)
    },
    async close() {},
  }
}
