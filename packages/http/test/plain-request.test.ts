import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import type { Profile } from '../src/index.ts'
import { createResponseCache } from '../src/index.ts'
import { isPlainRequest } from '../src/plain-request.ts'

const PROFILES: readonly Profile[] = ['safe', 'rfc9111']

/** A route with a stored response, and what it asks a GET for that has no header at all. */
async function storedRoute(profile: Profile) {
  const cache = createCache({ namespace: 'plain', store: memoryStore() })
  const route = createResponseCache({ cache, profile }).route({ tier: 'static' })
  const asked = new Set<string>()
  const incoming = {
    method: 'GET',
    scheme: 'http',
    authority: 'a.test',
    target: '/',
    header(name: string): undefined {
      asked.add(name)
    },
  }
  const headers = [['Cache-Control', 'max-age=60']] as const
  const run = () => Promise.resolve({ status: 200, headers, body: Buffer.from('hello') })
  const plan = () => route.plan(incoming, undefined)
  const first = plan()
  if (first.kind === 'answer') await first.answer({ incoming, run })
  await expect.poll(() => plan().kind).toBe('hit')
  asked.clear()
  plan()
  return { asked, askPlain: () => route.plan({ ...incoming, isPlain: true }, undefined) }
}

describe.each(PROFILES)('%s', (profile) => {
  test('no header that a hit depends on is one that a plain request may have', async () => {
    const { asked } = await storedRoute(profile)
    expect(asked.size).toBeGreaterThan(10)
    expect([...asked].filter((name) => isPlainRequest('GET', { [name]: '' }))).toEqual([])
  })

  test('a plain request is answered without a question for one', async () => {
    const { asked, askPlain } = await storedRoute(profile)
    asked.clear()
    expect(askPlain().kind).toBe('hit')
    expect([...asked]).toEqual([])
  })
})

test('only a GET is plain, whatever else it has that the cache does not go by', () => {
  const headers = { host: 'a.test', accept: '*/*', 'user-agent': 'x', origin: 'https://b.test' }
  expect(isPlainRequest('GET', headers)).toBe(true)
  for (const method of ['HEAD', 'POST', 'get']) expect(isPlainRequest(method, headers)).toBe(false)
  expect(isPlainRequest('GET', { ...headers, cookie: '' })).toBe(false)
})
