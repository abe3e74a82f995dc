import type { Clock } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import type { RedisClient } from '@shelflife/redis'
import { Redis } from '@upstash/redis'

import { afterAwake } from './after-awake.ts'
import { replyOf } from './base64.ts'
import { failureOf, isPassing } from './failures.ts'
import type { Words } from './in-few-requests.ts'
import { inFewRequests } from './in-few-requests.ts'
import { createPipeline } from './pipeline.ts'
import { createReadBytes } from './read-bytes.ts'

/** What one database is reached with. */
export interface UpstashClientInput {
  readonly url: string
  readonly token: string
  /** Milliseconds after which a request is given up. */
  readonly patience: number
  readonly clock: Clock
}

/** What the store needs of it, and more. */
export interface UpstashClient extends RedisClient {
  /** Calls `tell` for each part of an answer that comes. Returns what ends it. */
  onPart(tell: () => void): () => void
}

const [SHORTEST_PAUSE, LONGEST_PAUSE] = [20, 80]

/** Translates the REST client of Upstash. */
export function upstashClient({ url, token, patience, clock }: UpstashClientInput): UpstashClient {
  const hearing = new Set<() => void>()
  /** Answers, and parts of large ones. */
  let parts = 0
  let heardAt = -Infinity

  function heard(): void {
    parts++
    heardAt = clock.now()
    for (const tell of hearing) tell()
  }

  /** Not one signal, which would stay aborted, and make a late answer `null`. */
  function signal(): AbortSignal {
    const controller = new AbortController()
    const giveUp = (): void => controller.abort(new DOMException('no answer', 'TimeoutError'))
    // many wait for each other, so an answer to one is a sign of life for all
    afterAwake({ clock, ms: patience, heard: () => parts }, giveUp)
    return controller.signal
  }

  const redis = new Redis({
    url,
    token,
    signal,
    // replies are bytes, of which nothing else may be made on the way
    automaticDeserialization: false,
    responseEncoding: false,
    // a batch of few commands only makes each wait for all; many are put together below
    enableAutoPipelining: false,
    enableTelemetry: false,
    // it would go on for seconds
    retry: { retries: 0 },
    readYourWrites: true,
  })
  redis.use((request, next) => next({ ...request, headers: { ...request.headers, 'Upstash-Encoding': 'base64' } }))
  const readBytes = createReadBytes({ url, token, signal, heard, syncToken: () => redis.readYourWritesSyncToken })

  const pipeline = createPipeline({
    url,
    token,
    signal,
    heard,
    sync: {
      token: () => redis.readYourWritesSyncToken,
      noted(said) {
        if (said !== '') redis.readYourWritesSyncToken = said
      },
    },
  })

  async function carryOut(words: Words): Promise<unknown> {
    if (words[0] === 'MGET') return readBytes(words)
    const result = await redis.exec<unknown>(words)
    heard()
    return replyOf(result)
  }

  /** Somewhere between the two, so that those who failed together do not come back together. */
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      clock.after(SHORTEST_PAUSE + Math.random() * (LONGEST_PAUSE - SHORTEST_PAUSE), resolve, { keepsAlive: true })
    })

  /** One request, and once more where that may help: every command may be carried out twice. */
  async function request<T>(send: () => Promise<T>): Promise<T> {
    const startedAt = clock.now()
    try {
      return await send()
    } catch (error) {
      const meaning = failureOf(error, patience)
      if (clock.now() - startedAt > patience / 2 || !isPassing(meaning)) throw meaning
    }
    await pause()
    return send().catch((error: unknown) => {
      throw failureOf(error, patience)
    })
  }

  const send = inFewRequests({
    clock,
    alone: (words) => request(() => carryOut(words)),
    together: (commands) => request(() => pipeline(commands)),
    isSilence: (error) =>
      error instanceof ShelflifeError && error.code === 'store-timeout' && clock.now() - heardAt >= patience,
  })

  return {
    label: 'upstash',
    cluster: false,
    // requests overtake each other
    ordered: false,
    textOnly: true,
    send: (command) => send(command.map(String) as Words),
    onPart(tell) {
      hearing.add(tell)
      return () => void hearing.delete(tell)
    },
    async close() {},
  }
}
