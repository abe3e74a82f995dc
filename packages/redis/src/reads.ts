import type { Clock } from '@shelflife/core'

import { createBatch } from './batch.ts'
import type { Names } from './names.ts'
import type { Remembered } from './remembered.ts'
import type { Server } from './server.ts'

type Found = Uint8Array | undefined

/** Reads entries, and ids of tags, from servers that can be believed. */
export interface Reads {
  /** An entry, then ids of tags, by their names in Redis. */
  entry(name: string, ids: readonly string[]): Promise<readonly Found[]>
  tags(ids: readonly string[]): Promise<readonly Found[]>
}

export interface ReadsInput {
  readonly server: Server
  readonly isCluster: boolean
  readonly names: Pick<Names, 'log' | 'isTag'>
  readonly remembered: Remembered
  readonly clock: Clock
}

export function createReads({ server, isCluster, names: { log, isTag }, remembered, clock }: ReadsInput): Reads {
  const shared = createBatch(server)
  const together = createBatch(server, { isValue: (name) => !isTag(name), clock })

  async function one(name: string): Promise<Found> {
    const reply = await server.send(['GET', name], name)
    return reply instanceof Uint8Array ? reply : undefined
  }

  async function tags(ids: readonly string[]): Promise<readonly Found[]> {
    return ids.length === 0 ? [] : remembered(server.believed(log, shared(ids)))
  }

  return {
    tags,
    async entry(name, ids) {
      if (!isCluster) return remembered(server.believed(name, together([name, ...ids])))
      const [found, all] = await Promise.all([server.believed(name, one(name)), tags(ids)])
      return [found, ...all]
    },
  }
}
