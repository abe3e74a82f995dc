import { startCluster, startRedis } from '@shelflife/test-servers'
import { runChild } from '@shelflife/test-servers/run-child'
import { describe, expect, test } from 'vitest'

const closes = (target: unknown, pause: string): Promise<string> =>
  runChild(new URL('children/closes.ts', import.meta.url), JSON.stringify(target), pause)

/** Closed while it connects, and when it has. */
describe.concurrent.each(['0', '1000'])(
  'a process ends by itself when it closes the client after %s ms',
  { timeout: 60_000 },
  (pause) => {
    test('with a server that is there', async () => {
      const { host, port, stop } = await startRedis()
      const reply = await closes({ socket: { host, port } }, pause)
      if (pause !== '0') expect(reply).toBe('answered')
      await stop()
    })

    test('with a Cluster', async () => {
      const { rootNodes, stop } = await startCluster()
      const reply = await closes({ rootNodes: rootNodes.map((socket) => ({ socket })) }, pause)
      if (pause !== '0') expect(reply).toBe('answered')
      await stop()
    })

    test('with a server that stands still', async () => {
      const { host, port, pause: standStill, stop } = await startRedis()
      standStill()
      expect(await closes({ socket: { host, port } }, pause)).toBe('failed')
      expect(await closes({ rootNodes: [{ socket: { host, port } }] }, pause)).toBe('failed')
      await stop()
    })

    test('with no server', async () => {
      const { host, port, stop } = await startRedis()
      await stop()
      expect(await closes({ socket: { host, port } }, pause)).toBe('failed')
      expect(await closes({ rootNodes: [{ socket: { host, port } }] }, pause)).toBe('failed')
    })
  },
)
