import { expect, test } from 'vitest'

import type { Peer } from '../src/peers/peer.ts'
import { blocksOf } from '../src/races/blocks-of.ts'
import { changesOf } from '../src/races/changes-of.ts'
import { differs } from '../src/races/differs.ts'
import type { Race } from '../src/races/race.ts'
import { RACES } from '../src/races/races.ts'
import { createSource } from '../src/races/source.ts'
import { LateError, within } from '../src/races/within.ts'

test('a held load brings what was there when it began', async () => {
  const source = createSource('old')
  source.isHeld = true
  const loading = source.load(['x'])
  const load = await source.held()
  source.isHeld = false
  source.value = 'new'
  expect(await source.load(['x'])).toBe('new')
  load.release()
  expect(await loading).toBe('old')
  expect(source.loads()).toBe(2)
  expect(load.args).toEqual(['x'])
})

test('a load that begins later is handed to who waited for it', async () => {
  const source = createSource('old')
  source.isHeld = true
  const held = source.held()
  const loading = source.load([])
  ;(await held).release()
  expect(await loading).toBe('old')
})

test('a failing source fails loads that began while it failed', async () => {
  const source = createSource('old')
  source.failure = new Error('down')
  source.isHeld = true
  const loading = source.load([])
  const load = await source.held()
  source.failure = undefined
  load.release()
  await expect(loading).rejects.toThrow('down')
})

test('who does not answer in time is late, and who fails in time has failed', async () => {
  await expect(within(1, new Promise(() => {}), 'a read')).rejects.toThrow(LateError)
  await expect(within(1000, Promise.reject(new Error('down')), 'a read')).rejects.toThrow('down')
  expect(await within(1000, Promise.resolve(1), 'a read')).toBe(1)
})

test('values of another type differ', () => {
  expect(differs(new Date(0), new Date(0))).toBeUndefined()
  expect(differs(new Date(0).toISOString(), new Date(0))).toContain('was due')
  expect(differs(null, undefined)).toContain('was due')
  expect(differs(Number.NaN, Number.NaN)).toBeUndefined()
})

test('options that were changed, added or removed are named, deep inside too', () => {
  const changes = changesOf()
  const options: Record<string, unknown> = changes.keep({ ttl: 1, deep: { list: [1] }, gone: 1, same: new Map() })
  expect(changes.list()).toEqual([])
  options['ttl'] = 2
  ;(options['deep'] as { list: number[] }).list.push(2)
  delete options['gone']
  options['added'] = true
  expect(changes.list().toSorted()).toEqual(['added', 'deep', 'gone', 'ttl'])
})

test('the tables say who holds what, and what was seen where not', () => {
  const race: Race = { name: 'holds', layouts: ['local'], needs: [], run: async () => undefined }
  const peers = ['a', 'b', 'c'].map((name) => ({ name }) as Peer)
  const blocks = blocksOf({ races: [race] }, peers, [
    { peer: 'a', race: 'holds', verdict: 'passes' },
    { peer: 'b', race: 'holds', verdict: 'fails', seen: "read 'old'" },
    { peer: 'c', race: 'holds', verdict: 'n/a' },
  ])
  expect(blocks.get('races')).toContain('| holds | yes | **no** | n/a |')
  expect(blocks.get('sum')).toContain('| holds | 1 of 1 | 0 of 1 | 0 of 0 |')
  expect(blocks.get('seen')).toBe("- holds\n  - b: `read 'old'`")
})

test('no two races have one name', () => {
  const names = Object.values(RACES)
    .flat()
    .map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
