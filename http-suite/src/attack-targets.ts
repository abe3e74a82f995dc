import { describe, expect, test } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { NO_TAGS, PAGES, PATHS, QUERIES, TAGS } from './attack-spellings.ts'

/** Different targets that are taken for the same, and the other way round. */
export function targetAttacks(client: () => AttackClient): void {
  /** Asks for all targets behind the cache, twice, and wants what the same handler says without one. */
  async function areAlike(targets: readonly string[], { behind, bare }: { behind: string; bare: string }) {
    const { ask } = client()
    const read = async (target: string) => {
      const { status, content } = await ask(target)
      return { status, content }
    }
    for (const target of targets) await read(`${behind}${target}`)
    for (const target of targets) {
      expect(await read(`${behind}${target}`), target).toEqual(await read(`${bare}${target}`))
    }
  }

  test('tricks with paths are told apart as the handler tells them apart', () =>
    areAlike(PATHS, { behind: '/paths', bare: '/bare' }))

  test('tricks with queries are told apart as the handler tells them apart', () =>
    areAlike(QUERIES, { behind: '/queries', bare: '/bare-queries' }))

  for (const behind of ['/allowed-page', '/ignored-utm']) {
    test(`what counts of a query cannot be hidden behind what does not: ${behind.slice(1)}`, () =>
      areAlike(
        PAGES.map((query) => `?${query}`),
        { behind, bare: '/bare-page' },
      ))
  }

  describe('tags', () => {
    const targetOf = (tag: string): string => `/tagged?tag=${encodeURIComponent(tag)}`

    test('an invalidated tag takes nothing along that only looks like it', async () => {
      const { ask } = client()
      const own = ['a', 'a/b']
      const before = new Map<string, string>()
      for (const tag of [...TAGS, ...own]) before.set(tag, (await ask(targetOf(tag))).content)
      expect((await ask('/drop-a', {}, { method: 'POST' })).status).toBe(201)
      for (const tag of TAGS) expect((await ask(targetOf(tag))).content, tag).toBe(before.get(tag))
      for (const tag of own) expect((await ask(targetOf(tag))).content, tag).not.toBe(before.get(tag))
    })

    test('what cannot be a tag breaks no answer', async () => {
      const { ask } = client()
      for (const tag of NO_TAGS) {
        const answers = await Promise.all([ask(targetOf(tag)), ask(targetOf(tag))])
        answers.push(await ask(targetOf(tag)))
        for (const { status, content } of answers) {
          expect(status, tag).toBe(200)
          expect(content, tag).toMatch(/^run \d+$/)
        }
      }
    })
  })
}
