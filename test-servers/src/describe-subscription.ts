import { faultProxy } from '@shelflife/conformance/faults'
import { describe, expect, test, vi } from 'vitest'

import { listen, WAIT } from './heard.ts'
import type { RedisClientSuite } from './redis-client-suite.ts'
import type { RedisServer } from './start-redis.ts'

const SLOW = { timeout: 40_000 }

export function describeSubscription({ server, start, own, connect, kinds, closing }: RedisClientSuite): void {
  const subscribers = (at: RedisServer): Promise<unknown> => at.command('CLIENT', 'LIST', 'TYPE', 'pubsub')

  describe.each(kinds)('a subscription, with %s', { timeout: 40_000 }, (kind) => {
    test('survives a connection that is killed', async () => {
      const heard = listen({ client: await connect(kind), channel: 'killed', publisher: server })
      await heard.again()
      expect(heard.active()).toBe(true)
      expect(await server().command('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1)
      await heard.again()
    })

    test('survives a restart of the server', async () => {
      const at = await start()
      const heard = listen({ client: await connect(kind, at.url), channel: 'restart', publisher: () => at })
      await heard.again()
      await at.kill()
      await vi.waitFor(() => expect(heard.active()).toBe(false), WAIT)
      await at.restart()
      await heard.again()
      expect(heard.active()).toBe(true)
    })

    test('keeps its connection while nothing is sent', async () => {
      const at = await start()
      const heard = listen({ client: await connect(kind, at.url), channel: 'quiet', publisher: () => at })
      await heard.again()
      const idOf = (list: unknown): string | undefined => /\bid=\d+/.exec(String(list))?.[0]
      const before = idOf(await subscribers(at))
      expect(before).toBeDefined()
      // two of its pings
      const pings = async (): Promise<number> => {
        const stats = String(await at.command('INFO', 'commandstats'))
        return Number(/cmdstat_ping:calls=(\d+)/.exec(stats)?.[1] ?? 0)
      }
      const first = await pings()
      await vi.waitFor(async () => expect(await pings()).toBeGreaterThan(first + 1), WAIT)
      expect(idOf(await subscribers(at))).toBe(before)
    })

    test('closes its connection', async () => {
      const at = await start()
      const heard = listen({ client: await connect(kind, at.url), channel: 'closed', publisher: () => at })
      await heard.again()
      await heard.close()
      await heard.close()
      expect(heard.active()).toBe(false)
      await vi.waitFor(async () => expect(await subscribers(at)).toBe(''), WAIT)
    })
  })

  test('a subscription begins when the server does', SLOW, async () => {
    const late = await start()
    await late.kill()
    const client = own(late.url)
    const heard = listen({ client, channel: 'late', publisher: () => late })
    await expect(client.send(['PING'], '')).rejects.toThrow('ECONNREFUSED')
    expect(heard.active()).toBe(false)
    await late.restart()
    await heard.again()
    await vi.waitFor(async () => expect(String(await client.send(['PING'], ''))).toBe('PONG'), WAIT)
  })

  test('a subscription begins when it becomes allowed', SLOW, async () => {
    const strict = await start({ acl: ['default on nopass ~* resetchannels +@all'] })
    const heard = listen({ client: own(strict.url), channel: 'forbidden', publisher: () => strict })
    await vi.waitFor(async () => {
      const denied = (await strict.command('ACL', 'LOG')) as unknown[]
      expect(denied.length).toBeGreaterThan(0)
    }, WAIT)
    expect(heard.active()).toBe(false)
    await strict.command('ACL', 'SETUSER', 'default', '&*')
    await heard.again()
  })

  test('a subscription leaves a socket on which nothing arrives any more', SLOW, async () => {
    const proxy = await faultProxy(server())
    closing({ close: () => proxy.stop() })
    const heard = listen({ client: own(proxy.url), channel: 'silent', publisher: server })
    await heard.again()
    proxy.mode = 'blackhole'
    await vi.waitFor(() => expect(heard.active()).toBe(false), WAIT)
    proxy.mode = 'pass'
    await heard.again()
  })

  test('a subscription survives a server that stood still', SLOW, async () => {
    const paused = await start()
    const heard = listen({ client: own(paused.url), channel: 'paused', publisher: () => paused })
    await heard.again()
    paused.pause()
    await vi.waitFor(() => expect(heard.active()).toBe(false), WAIT)
    paused.resume()
    await heard.again()
  })
}
