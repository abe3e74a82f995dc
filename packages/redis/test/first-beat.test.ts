import { fakeClock } from '@shelflife/conformance'
import type { BusMessage } from '@shelflife/core'
import { redisStore } from '@shelflife/redis'
import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { SCRIPTS, SOURCES } from './scripts.ts'
import { simulatedClient } from './simulated/client.ts'
import { simulatedServer } from './simulated/server.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** What a process hears that reads a key as soon as it has started, invalidated by another one right after it was read. */
async function hearAfterStart(scripts: readonly string[]): Promise<readonly (BusMessage | 'gap')[]> {
  const clock = fakeClock()
  const server = simulatedServer({ clock, scripts })
  const other = redisStore(simulatedClient(server, { turn }), { clock })
  const heard: (BusMessage | 'gap')[] = []
  let isRead = false
  let invalidation: Promise<void> | undefined

  /** Replies take so long that another process invalidates meanwhile. */
  async function slow(label: string): Promise<void> {
    await turn()
    if (isRead && label.endsWith('reply')) await (invalidation ??= other.invalidate(['key']))
    if (label === 'MGET request') isRead = true
  }

  const store = redisStore(simulatedClient(server, { turn: slow }), { clock })
  store.bus?.listen({
    message: (message) => void heard.push(message),
    confirmed: () => {},
    gap: () => void heard.push('gap'),
    lost: () => void heard.push('gap'),
  })
  await store.read('key', [])
  for (let i = 0; i < 20; i++) {
    clock.advance(250)
    for (let j = 0; j < 4; j++) await turn()
  }
  await Promise.all([store.close(), other.close()])
  return heard
}

const something = expect.toSatisfy((heard: readonly unknown[]) => heard.length > 0)

test('what is invalidated while a process starts is heard of, or reported as a gap', async () => {
  expect(await hearAfterStart(SOURCES)).toEqual(something)
})

test('the same, when the server does not know the scripts yet', async () => {
  expect(await hearAfterStart([])).toEqual(something)
})

test('the same, when the process has yet to compute the names of its scripts', async () => {
  const { BEAT } = SCRIPTS
  const { sha } = BEAT!
  // by turns alone: the threads that compute it otherwise have all the time they want on a busy machine
  const slowly = vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_algorithm, data) => {
    for (let i = 0; i < 12; i++) await turn()
    return new Uint8Array(
      createHash('sha1')
        .update(data as Uint8Array)
        .digest(),
    ).buffer
  })
  BEAT!.sha = undefined
  try {
    expect(await hearAfterStart(SOURCES)).toEqual(something)
  } finally {
    BEAT!.sha = sha
    slowly.mockRestore()
  }
})
