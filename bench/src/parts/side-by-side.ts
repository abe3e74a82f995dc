import { startChild } from '../children/start-child.ts'
import type { Rounds } from '../measure/rounds.ts'
import { inRounds } from '../measure/rounds.ts'
import { OPERATIONS } from '../operations/operations.ts'
import { offers } from '../peers/peer.ts'
import { CONTESTANTS } from '../peers/peers.ts'

export const BENCH_CHILD = new URL('../children/bench-child.ts', import.meta.url)

/** Whoever can do it does the same, each in a process of its own, in turns. */
export async function sideBySide(operation: string, rounds: number, url: string = ''): Promise<Rounds> {
  const needs = OPERATIONS[operation]?.needs
  if (needs === undefined) throw new Error(`there is no operation ${operation}`)
  const names = CONTESTANTS.filter((peer) => offers(peer, needs)).map(({ name }) => name)
  const children = new Map(await Promise.all(names.map(async (name) => [name, await startChild(BENCH_CHILD)] as const)))
  try {
    for (const [name, { call }] of children) await call('prepare', operation, name, url)
    return await inRounds(names, { rounds }, async (name) => Number(await children.get(name)?.call('measure')))
  } finally {
    for (const child of children.values()) await child.kill()
  }
}
