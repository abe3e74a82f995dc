import { setTimeout as sleep } from 'node:timers/promises'

import type { FaultProxy } from '@shelflife/conformance/faults'
import { faultProxy } from '@shelflife/conformance/faults'
import { describe, expect, test, vi } from 'vitest'

import { listen, WAIT } from './heard.ts'
import type { RedisClientSuite } from './redis-client-suite.ts'

export function describeFaults({ server, start, own, given, kinds, closing }: RedisClientSuite): void {
  async function proxied(): Promise<FaultProxy> {
    const proxy = await faultProxy(server())
    closing({ close: () => proxy.stop() })
    return proxy
  }

  describe('a server that does not answer', { timeout: 40_000 }, () => {
    test('is left for a new connection', async () => {
      const proxy = await proxied()
      const client = own(proxy.url)
      await client.send(['PING'], '')
      proxy.mode = 'blackhole'
      await expect(client.send(['PING'], '')).rejects.toThrow()
      proxy.mode = 'pass'
      await vi.waitFor(async () => expect(String(await client.send(['PING'], ''))).toBe('PONG'), WAIT)
    })

    test('is left also while commands are written to it', async () => {
      const proxy = await proxied()
      const client = own(proxy.url)
      await client.send(['PING'], '')
      proxy.mode = 'blackhole'
      const first = client.send(['PING'], '').catch(() => 'left')
      const more = setInterval(() => void client.send(['PING'], '').catch(() => {}), 100)
      closing({ close: () => clearInterval(more) })
      expect(await Promise.race([first, sleep(8000)])).toBe('left')
      proxy.mode = 'pass'
      await vi.waitFor(async () => expect(String(await client.send(['PING'], ''))).toBe('PONG'), WAIT)
    })

    test('fails commands also when it never answered', async () => {
      const proxy = await proxied()
      proxy.mode = 'blackhole'
      await expect(own(proxy.url).send(['PING'], '')).rejects.toThrow()
    })

    test('cuts an answer in two without harm to the next', async () => {
      const proxy = await proxied()
      const client = own(proxy.url)
      await client.send(['SET', 'long', 'x'.repeat(10_000)], 'long')
      proxy.cutAfter = 5000
      await expect(client.send(['GET', 'long'], 'long')).rejects.toThrow()
      proxy.cutAfter = Infinity
      await vi.waitFor(
        async () => expect(String(await client.send(['GET', 'long'], 'long'))).toHaveLength(10_000),
        WAIT,
      )
    })
  })

  test('a wrong password is what commands fail with', async () => {
    const strict = await start({ acl: ['default off', 'app on >secret ~* &* +@all'] })
    const client = own(strict.url.replace('//', '//app:wrong@'))
    await expect(client.send(['PING'], '')).rejects.toThrow(/^WRONGPASS/)
    await expect(client.send(['PING'], '')).rejects.toThrow(/^WRONGPASS/)
    const right = own(strict.url.replace('//', '//app:secret@'))
    expect(String(await right.send(['PING'], ''))).toBe('PONG')
  })

  describe('close', () => {
    test.each(kinds.slice(1))('leaves %s open', async (kind) => {
      const { client, works } = await given(kind, server().url)
      const heard = listen({ client, channel: 'given', publisher: server })
      await heard.again()
      await client.close()
      await client.close()
      expect(heard.active()).toBe(false)
      expect(await works()).toBe(true)
    })

    test('ends what waits for the first connection', async () => {
      const proxy = await proxied()
      proxy.mode = 'blackhole'
      const client = own(proxy.url)
      const sent = client.send(['PING'], '')
      await client.close()
      await expect(sent).rejects.toThrow('closed')
      await expect(client.send(['PING'], '')).rejects.toThrow('closed')
    })
  })
}
