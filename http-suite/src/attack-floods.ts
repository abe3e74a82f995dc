import { expect, test } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { flood } from './attack-client.ts'
import { ATTACK_STORE } from './attack-routes.ts'

/** How much is sent in the floods. */
export interface AttackSizes {
  readonly queries: number
  readonly agents: number
}

/** What one client can ask for without end. */
export function floodAttacks(client: () => AttackClient, { queries, agents }: AttackSizes): void {
  async function isBounded(): Promise<void> {
    const { entries, bytes } = await client().stats()
    expect(entries).toBeLessThanOrEqual(ATTACK_STORE.maxEntries)
    expect(bytes).toBeLessThanOrEqual(ATTACK_STORE.maxBytes)
  }

  test('a client that wants no stored answers makes the handler run no more often', async () => {
    const { ask, runs } = client()
    const { content } = await ask('/steady')
    const before = await runs('GET /steady')
    const wishes: Readonly<Record<string, string>>[] = [
      ...['no-cache', 'no-store', 'max-age=0', 'max-age=0, must-revalidate', 'min-fresh=999999', 'only-if-cached'].map(
        (value) => ({ 'Cache-Control': value }),
      ),
      { Pragma: 'no-cache' },
      { 'Cache-Control': 'no-cache', Pragma: 'no-cache', Expires: '0' },
    ]
    const answers = await Promise.all(
      wishes.flatMap((headers) => Array.from({ length: 20 }, () => ask('/steady', headers))),
    )
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.content}`))).toEqual(new Set([`200 ${content}`]))
    expect(await runs('GET /steady')).toBe(before)
  })

  test(`${queries} queries that are all different fill no memory`, { timeout: 600_000 }, async () => {
    expect(await flood(client(), { count: queries, request: (index) => [`/unique?q=${index}`] })).toBe(queries)
    await isBounded()
  })

  test(`${agents} user agents that are all different fill no memory`, { timeout: 600_000 }, async () => {
    const { ask, stats } = client()
    const before = await stats()
    const request = (index: number) => ['/agent', { 'User-Agent': `agent/${index}` }] as const
    expect(await flood(client(), { count: agents, request })).toBe(agents)
    await isBounded()
    // as many variants of one URI as are kept by default
    expect((await stats()).entries - before.entries).toBeLessThanOrEqual(20)
    expect((await ask('/agent', { Host: 'a.test', 'User-Agent': 'agent/new' })).content).toBe('agent agent/new')
  })
}
