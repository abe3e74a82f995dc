import { expect, test } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { headOf } from './attack-client.ts'
import { DOCUMENT, PLAIN } from './attack-content-handlers.ts'
import { REFLECTED } from './attack-identity-handlers.ts'

const PARTIAL: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a range': { Range: 'bytes=0-9' },
  'a range that cannot be': { Range: 'bytes=99999-100000' },
  'two ranges': { Range: 'bytes=0-1,5-6' },
  'If-Range': { Range: 'bytes=0-9', 'If-Range': '"document"' },
  'If-None-Match': { 'If-None-Match': '"document"' },
  'If-Modified-Since': { 'If-Modified-Since': 'Wed, 01 Jan 2020 00:00:00 GMT' },
  'If-Match': { 'If-Match': '"other"' },
}

/** What one request carries that ends up in the answer to another. */
export function poisoningAttacks(client: () => AttackClient): void {
  for (const name of REFLECTED) {
    test(`a handler that reflects ${name} reflects that of nobody else`, async () => {
      const { ask } = client()
      const target = `/reflection?${name}`
      const [evil, other] = await Promise.all([ask(target, { [name]: 'evil.test' }), ask(target)])
      expect(evil.content).toContain(`${name}=evil.test`)
      expect(other.content).not.toContain('evil.test')
      await ask(target, { [name]: 'evil.test' })
      expect((await ask(target)).content).toContain(`${name}=absent`)
    })
  }

  test('what a handler reflects and names in Vary reaches those who sent the same', async () => {
    const { ask } = client()
    for (const round of [1, 2]) {
      for (const origin of ['https://a.test', 'https://evil.test', '']) {
        const answer = await ask('/declared-reflection', origin === '' ? {} : { Origin: origin })
        expect(answer.content, `round ${round}`).toBe(`origin=${origin || 'undefined'} host=undefined`)
      }
    }
  })

  test('what one host answers is not the answer of another', async () => {
    const { ask, raw } = client()
    for (const round of [1, 2]) {
      for (const host of ['a.test', 'b.test', 'b.test:8080']) {
        expect((await ask('/host', { Host: host })).content, `round ${round}`).toBe(`host ${host}`)
      }
      await raw('GET http://evil.test/host HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n')
      await raw('GET http://evil.test/host HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n')
    }
  })

  for (const [what, headers] of Object.entries(PARTIAL)) {
    test(`${what} of one client does not change the whole for others`, async () => {
      const { ask } = client()
      const target = `/document?${encodeURIComponent(what)}`
      const [, beside] = await Promise.all([ask(target, headers), ask(target)])
      for (const { status, content } of [beside, await ask(target)]) {
        expect({ status, content }).toEqual({ status: 200, content: DOCUMENT })
      }
    })
  }

  test('HEAD leaves nothing behind that GET is answered with', async () => {
    const { ask } = client()
    await ask('/document?head', {}, { method: 'HEAD' })
    expect((await ask('/document?head')).content).toBe(DOCUMENT)
    const head = await ask('/document?head', {}, { method: 'HEAD' })
    expect(head.content).toBe('')
    expect((await ask('/document?head')).content).toBe(DOCUMENT)
  })

  test('POST leaves nothing behind that GET is answered with, and is not answered with what GET left', async () => {
    const { ask } = client()
    for (const round of [1, 2]) {
      const post = await ask('/method', {}, { method: 'POST', body: 'evil' })
      expect(post.content, `round ${round}`).toMatch(/^POST with 4 body/)
      expect((await ask('/method')).content, `round ${round}`).toMatch(/^GET with no body/)
    }
  })

  test('GET with a body leaves nothing behind and is answered with nothing stored', async () => {
    const { ask, raw } = client()
    const chunked = headOf('/method?body', { 'Transfer-Encoding': 'chunked', Connection: 'close' })
    for (const round of [1, 2]) {
      expect((await ask('/method?body', { Host: 'a.test' }, { body: 'evil' })).content).toMatch(/^GET with 4 body/)
      expect(await raw(`${chunked}4\r\nevil\r\n0\r\n\r\n`)).toMatch(/GET with \S+ body/)
      const clean = await ask('/method?body', { Host: 'a.test' })
      expect(clean.content, `round ${round}`).toMatch(/^GET with no body/)
    }
  })

  const mines: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'a method override': { 'X-HTTP-Method-Override': 'DELETE' },
    'another method override': { 'X-Method-Override': 'POST' },
    'a header that is too long for the handler': { 'X-Long': 'x'.repeat(3000) },
    'a header that is too long for the server': { 'X-Long': 'x'.repeat(100_000) },
    'a header with a control character': { 'X-Control': 'a\u0007b' },
    'a header with a line feed': { 'X-Control': 'a\nb' },
  }
  for (const [what, headers] of Object.entries(mines)) {
    test(`${what} leaves no error behind`, async () => {
      const { ask, raw } = client()
      const target = `/fussy?${encodeURIComponent(what)}`
      await raw(headOf(target, { ...headers, Connection: 'close' }))
      const { status, content } = await ask(target, { Host: 'a.test' })
      expect({ status, content }).toEqual({ status: 200, content: 'fine' })
    })
  }

  test('what is encoded reaches nobody who did not ask for it', async () => {
    const { ask } = client()
    for (const target of ['/gzip?encoded-first', '/gzip?plain-first']) {
      if (target.includes('plain')) await ask(target)
      const encoded = await ask(target, { 'Accept-Encoding': 'gzip' })
      const plain = await ask(target, { 'Accept-Encoding': 'identity' })
      const silent = await ask(target)
      expect([plain.content, plain.header('content-encoding')]).toEqual([PLAIN, undefined])
      expect([silent.content, silent.header('content-encoding')]).toEqual([PLAIN, undefined])
      if (!target.includes('plain')) expect(encoded.header('content-encoding')).toBe('gzip')
    }
  })
}
