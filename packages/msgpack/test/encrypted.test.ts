import { encrypted, msgpackCodec } from '@shelflife/msgpack'
import type { EncryptionKey } from '@shelflife/msgpack'
import { describe, expect, test } from 'vitest'

import { randomKey } from './random-key.ts'
import { complaint, objection } from './thrown.ts'

const [old, today]: [EncryptionKey, EncryptionKey] = [
  { id: 'old', key: randomKey() },
  { id: 'today', key: randomKey() },
]
const value = { name: 'Ada Lovelace', born: new Date('1815-12-10') }

const base64 = (key: Uint8Array): string => Buffer.from(key).toString('base64')

const importKey = (usages: KeyUsage[], bits = 256, name = 'AES-GCM'): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', new Uint8Array(bits / 8), name, false, usages)
const onlyEncrypts = await importKey(['encrypt'])
const onlyDecrypts = await importKey(['decrypt'])
const short = await importKey(['encrypt', 'decrypt'], 128)
const forOther = await importKey(['encrypt', 'decrypt'], 256, 'AES-CBC')

describe('encrypted', () => {
  const codec = encrypted(msgpackCodec, { keys: [today] })

  test('nothing of the value can be read, and its key is named', async () => {
    const bytes = Buffer.from(await codec.encode(value))
    expect(await codec.decode(bytes)).toStrictEqual(value)
    expect(bytes.includes('Ada')).toBe(false)
    expect(bytes.includes('name')).toBe(false)
    expect(bytes.includes('today')).toBe(true)
  })

  test('the same value never becomes the same bytes', async () => {
    const all = await Promise.all(Array.from({ length: 1000 }, async () => codec.encode(value)))
    const nonces = all.map((bytes) => Buffer.from(bytes.subarray(7, 19)).toString('hex'))
    expect(new Set(nonces).size).toBe(1000)
  })

  test('the first key encrypts, all keys decrypt', async () => {
    const before = await encrypted(msgpackCodec, { keys: [old] }).encode(value)
    const both = encrypted(msgpackCodec, { keys: [today, old] })
    expect(await both.decode(before)).toStrictEqual(value)
    expect(await codec.decode(await both.encode(value))).toStrictEqual(value)
    expect(await complaint(codec, before)).toMatch(/not among the keys/)
  })

  test('another key under the same id does not decrypt', async () => {
    const other = encrypted(msgpackCodec, { keys: [{ id: today.id, key: randomKey() }] })
    expect(await complaint(other, await codec.encode(value))).toMatch(/another key, or changed/)
  })

  test('no bit can be changed, and nothing cut off or added', async () => {
    const bytes = await codec.encode(value)
    for (let at = 0; at < bytes.length * 8; at++) {
      const changed = bytes.slice()
      changed[at >> 3]! ^= 1 << (at & 7)
      await complaint(codec, changed)
    }
    for (let end = 0; end < bytes.length; end++) await complaint(codec, bytes.subarray(0, end))
    await complaint(codec, Uint8Array.of(...bytes, 0))
  })

  test('a key cannot be given another name', async () => {
    const key = randomKey()
    const both = encrypted(msgpackCodec, { keys: ['a', 'b'].map((id) => ({ id, key })) })
    const bytes = await both.encode(value)
    expect(bytes[2]).toBe('a'.charCodeAt(0))
    bytes[2] = 'b'.charCodeAt(0)
    expect(await complaint(both, bytes)).toMatch(/another key, or changed/)
  })

  test('what another codec wrote with the same key does not decrypt', async () => {
    const other = encrypted({ ...msgpackCodec, id: 40 }, { keys: [today] })
    expect(await complaint(codec, await other.encode(value))).toMatch(/another key, or changed/)
  })
})

describe('keys', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 255 - i)

  test('are bytes, base64 of either alphabet, or a CryptoKey', async () => {
    const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
    const urlSafe = base64(key).replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
    const codecs = [key, base64(key), urlSafe, imported].map((one) =>
      encrypted(msgpackCodec, { keys: [{ id: 'a', key: one }] }),
    )
    for (const one of codecs) {
      const bytes = await one.encode(value)
      for (const other of codecs) expect(await other.decode(bytes)).toStrictEqual(value)
    }
  })

  test('are copied: the caller may wipe them', async () => {
    const own = key.slice()
    const codec = encrypted(msgpackCodec, { keys: [{ id: 'a', key: own }] })
    own.fill(0)
    const other = encrypted(msgpackCodec, { keys: [{ id: 'a', key }] })
    expect(await other.decode(await codec.encode(value))).toStrictEqual(value)
  })

  test.each<[string, unknown, RegExp]>([
    ['none', [], /at least one/],
    ['an empty id', [{ id: '', key }], /keys\[0\]\.id .*1 to 64/],
    ['a long id', [{ id: 'x'.repeat(65), key }], /keys\[0\]\.id .*1 to 64/],
    ['an id beyond ASCII', [{ id: 'ключ', key }], /keys\[0\]\.id .*ASCII/],
    ['no id', [{ key }], /keys\[0\]\.id/],
    ['two of one id', [old, { id: 'old', key }], /keys\[1\]\.id is that of another key/],
    ['none where one was expected', [{ id: 'a', key: undefined }], /keys\[0\]\.key must be 32 bytes, base64/],
    ['too few bytes', [old, { id: 'a', key: key.subarray(1) }], /keys\[1\]\.key must have 32 bytes; it has 31/],
    ['too few bytes as text', [{ id: 'a', key: base64(key.subarray(16)) }], /must have 32 bytes; it has 16/],
    ['32 letters', [{ id: 'a', key: 'correct-horse-battery-staple-abc' }], /must have 32 bytes; it has 24/],
    ['no base64', [{ id: 'a', key: 'correct horse: battery staple!' }], /is text that is not base64/],
    ['a CryptoKey of 128 bits', [{ id: 'a', key: short }], /256 bits/],
    ['a CryptoKey for something else', [{ id: 'a', key: forOther }], /AES-GCM/],
    ['a first one that may not encrypt', [{ id: 'a', key: onlyDecrypts }], /encrypt/],
    ['one that may not decrypt', [old, { id: 'a', key: onlyEncrypts }], /decrypt/],
  ])('are refused: %s', async (_, keys, why) => {
    expect(await objection(() => encrypted(msgpackCodec, { keys: keys as EncryptionKey[] }))).toMatch(why)
  })

  test('one that may only decrypt is enough for an old one', async () => {
    const retired = { id: 'retired', key: onlyDecrypts }
    const writer = encrypted(msgpackCodec, { keys: [{ id: 'retired', key: new Uint8Array(32) }] })
    const reader = encrypted(msgpackCodec, { keys: [today, retired] })
    expect(await reader.decode(await writer.encode(value))).toStrictEqual(value)
  })

  test('never appear in a message', async () => {
    const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ'
    const attempts = [
      [{ id: 'a', key: `${secret}!` }],
      [{ id: 'a', key: secret }],
      [{ id: 'a', key: { secret } }],
      [{ id: `${secret}${secret}${secret}`, key }],
      [
        { id: secret, key },
        { id: secret, key },
      ],
    ]
    for (const keys of attempts) {
      const message = await objection(() => encrypted(msgpackCodec, { keys: keys as EncryptionKey[] }))
      expect(message).not.toContain(secret.slice(0, 8))
    }
  })
})
