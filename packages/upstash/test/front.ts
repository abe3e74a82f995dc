import type { UpstashFront } from '@shelflife/conformance/upstash'
import { upstashFront } from '@shelflife/conformance/upstash'
import type { RemoteStore } from '@shelflife/core'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import type { UpstashStoreOptions } from '@shelflife/upstash'
import { upstashStore } from '@shelflife/upstash'
import { afterAll, afterEach } from 'vitest'

const PATIENT = { read: '10s', write: '10s' } as const

/** A Redis, the REST front of it, and what was asked of it. */
export interface Fronted {
  readonly server: RedisServer
  readonly front: UpstashFront
  store(options?: UpstashStoreOptions): RemoteStore
  /** Names of the commands that `run` sends, one for each request. */
  during(run: () => Promise<unknown>): Promise<string[]>
}

/** For a test file: ends with it, and injects nothing from one test into another. */
export async function startFront(): Promise<Fronted> {
  const server = await startRedis()
  const front = await upstashFront({ redis: server.url })
  afterEach(() => {
    front.inject = undefined
  })
  afterAll(async () => {
    await front.stop()
    await server.stop()
  })

  return {
    server,
    front,
    // a busy machine is not taken for a service that is away
    store: (options) => upstashStore({ url: front.url, token: front.token }, { budget: PATIENT, ...options }),
    async during(run) {
      const names: string[] = []
      front.inject = ({ commands }) => void names.push(commands.map(([name]) => name).join('+'))
      await run()
      front.inject = undefined
      return names
    },
  }
}
