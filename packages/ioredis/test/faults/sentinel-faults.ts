import { setTimeout as sleep } from 'node:timers/promises'

import { faultProxy } from '@shelflife/conformance/faults'
import type { RedisSentinel } from '@shelflife/test-servers'
import { startSentinel } from '@shelflife/test-servers'
import { expect, vi } from 'vitest'

import type { Run, World } from './run-fault.ts'
import { faultsOn } from './run-fault.ts'

interface SentinelWorld extends World {
  readonly sentinel: RedisSentinel
}

async function openSentinel(): Promise<SentinelWorld> {
  const sentinel = await startSentinel()
  const target = { sentinels: [...sentinel.sentinels], name: sentinel.name }
  return { sentinel, here: target, elsewhere: target, stop: () => sentinel.stop() }
}

const LOST = 500

/** The replica is cut off half a second before the master dies, and takes over without what was written since. */
async function loseWrites({ sentinel }: SentinelWorld): Promise<void> {
  const [master, replica] = sentinel.nodes
  if (master === undefined || replica === undefined) throw new Error('there is no replica')
  const proxy = await faultProxy(master)
  try {
    await replica.command('REPLICAOF', proxy.host, proxy.port)
    const isFollowing = async (): Promise<void> => {
      const info = String(await replica.command('INFO', 'replication'))
      expect(info).toContain(`master_port:${proxy.port}`)
      expect(info).toContain('master_link_status:up')
    }
    await vi.waitFor(isFollowing, { timeout: 5000 })
    proxy.mode = 'blackhole'
    await sleep(LOST)
    await sentinel.failover('kill')
  } finally {
    await proxy.stop()
  }
}

export const sentinelFaults: readonly Run[] = faultsOn(openSentinel, [
  { name: 'Sentinel failover', lasts: 0, cause: ({ sentinel }) => sentinel.failover('kill') },
  { name: 'Sentinel failover that loses the last writes', lasts: 0, cause: loseWrites },
])
