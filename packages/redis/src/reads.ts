import type { Clock } from '@shelflife/core'

import { createBatch, getAll } from './batch.ts'
import type { Names } from './names.ts'
import type { Remembered } from './remembered.ts'
import type { Server } from './server.ts'

type Found = Uint8Array | undefined

const NONE: Promise<readonly Found[]> = Promise.resolve([])

/** Reads entries, and ids of tags, from servers that can be believed. */
export interface Reads {
  /** An entry, then ids of tags, by their names in Redis. */
  entry(name: string, ids: readonly string[]): Promise<readonly Found[]>
  tags(ids: readonly string[]): Promise<readonly Found[]>
}

export interface ReadsInput {
  readonly server: Server
  readonly isCluster: boolean
  readonly names: Pick<Names, 'isTag'>
  readonly remembered: Remembered
  readonly clock: Clock
}

export function createReads({ server, isCluster, names: { isTag }, remembered, clock }: ReadsInput): Reads {
  /** What is asked of one server at once is believed at once. */
  const believed = (names: readonly string[]): Promise<unknown> =>
    remembered(server.believed(names[0] as string, getAll(server, names)))
  const shared = createBatch(believed)
  const together = createBatch(believed, { isValue: (name) => !isTag(name), clock })

  async function one(name: string): Promise<Found> {
    const reply = await server.send(['GET', name], name)
    return reply instanceof Uint8Array ? reply : undefined
  }

  const tags = (ids: readonly string[]): Promise<readonly Found[]> => (ids.length === 0 ? NONE : shared(ids))

  /** Entries of a Cluster are on many nodes. */
  async function apart(name: string, ids: readonly string[]): Promise<readonly Found[]> {
    const [found, all] = await Promise.all([server.believed(name, one(name)), tags(ids)])
    return [found, ...all]
  }

  return {
    tags,
    entry: isCluster ? apart : (name, ids) => together([name, ...ids]),
  }
}
