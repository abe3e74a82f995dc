import type { FaultProxy } from '@shelflife/conformance/faults'
import { faultProxy } from '@shelflife/conformance/faults'
import type { RedisServer, RedisServerOptions } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'

import type { World } from './run-fault.ts'

export interface OneServer extends World {
  readonly server: RedisServer
  /** In front of the cache under test; the other process goes past it. */
  readonly proxy: FaultProxy
}

/** A user of its own, where the server has users. */
export async function oneServer(options: RedisServerOptions = {}): Promise<OneServer> {
  const server = await startRedis(options)
  const proxy = await faultProxy(server)
  const withUser = (url: string): string => (options.acl === undefined ? url : url.replace('//', '//app:first@'))
  return {
    server,
    proxy,
    here: withUser(proxy.url),
    elsewhere: withUser(server.url),
    async stop() {
      await proxy.stop()
      await server.stop()
    },
  }
}

/** The names of keys that are like a pattern. */
export async function namesIn(server: RedisServer, pattern: string): Promise<readonly string[]> {
  return (await server.command('KEYS', pattern)) as string[]
}
