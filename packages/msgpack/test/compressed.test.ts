import { constants, deflateRawSync } from 'node:zlib'

import { compressed, msgpackCodec } from '@shelflife/msgpack'
import { describe, expect, test } from 'vitest'

import { complaint, objection, refusal } from './thrown.ts'

const MEGABYTE = 2 ** 20
const STORED = 0
const DEFLATED = 1

const text = 'some words that come again and again, '.repeat(1000)
const payload = (await msgpackCodec.encode(text)) as Uint8Array<ArrayBuffer>
const packed = deflateRawSync(payload)

/** A payload that announces `length` bytes, whatever it holds. */
function announcing(length: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + body.length)
  bytes[0] = DEFLATED
  new DataView(bytes.buffer).setUint32(1, length)
  bytes.set(body, 5)
  return bytes
}

describe('compressed', () => {
  const codec = compressed(msgpackCodec)

  test('makes large payloads smaller, and says which', async () => {
    const bytes = await codec.encode(text)
    expect(bytes[0]).toBe(DEFLATED)
    expect(bytes.length).toBeLessThan(text.length / 50)
    expect(await codec.decode(bytes)).toBe(text)
  })

  test('leaves alone what is not above the limit', async () => {
    const size = payload.length
    expect((await compressed(msgpackCodec, { above: size }).encode(text))[0]).toBe(STORED)
    expect((await compressed(msgpackCodec, { above: size - 1 }).encode(text))[0]).toBe(DEFLATED)
    expect((await codec.encode('short'))[0]).toBe(STORED)
  })

  test('leaves alone what would not become smaller', async () => {
    const noise = crypto.getRandomValues(new Uint8Array(50_000))
    const bytes = await codec.encode(noise)
    expect(bytes[0]).toBe(STORED)
    expect(await codec.decode(bytes)).toStrictEqual(noise)
  })

  test('reads whatever another limit wrote', async () => {
    const bytes = await compressed(msgpackCodec, { above: 0 }).encode(text)
    expect(await compressed(msgpackCodec, { above: 2 ** 30 }).decode(bytes)).toBe(text)
  })

  test('refuses to write what it would refuse to read', async () => {
    expect(await refusal(compressed(msgpackCodec, { maxBytes: 100 }), text)).toMatch(/maxBytes \(100\)/)
    const bytes = await codec.encode(text)
    expect(await complaint(compressed(msgpackCodec, { maxBytes: 100 }), bytes)).toMatch(/more than maxBytes/)
  })

  test.each([
    ['above', -1],
    ['above', NaN],
    ['above', 1.5],
    ['maxBytes', 0],
    ['maxBytes', Infinity],
  ])('refuses %s: %d', async (option, value) => {
    expect(await objection(() => compressed(msgpackCodec, { [option]: value }))).toMatch(option)
  })
})

describe('hostile bytes', () => {
  const codec = compressed(msgpackCodec, { maxBytes: MEGABYTE })
  // 512 MiB of zeros: as one deflate stream of half a megabyte
  const block = deflateRawSync(new Uint8Array(16 * MEGABYTE), { finishFlush: constants.Z_FULL_FLUSH })
  const bomb = Buffer.concat(Array(32).fill(block))

  test.each<[string, number]>([
    ['tells the truth', 512 * MEGABYTE],
    ['announces what is allowed', MEGABYTE],
    ['announces nothing', 0],
  ])('a bomb that %s', async (_, length) => {
    const before = process.memoryUsage.rss()
    const start = performance.now()
    await complaint(codec, announcing(length, bomb))
    expect(performance.now() - start).toBeLessThan(1000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MEGABYTE)
  })

  test('what tells the truth is read: the others fail for what is wrong with them', async () => {
    expect(await codec.decode(announcing(payload.length, packed))).toBe(text)
  })

  test('something small that announces something large', async () => {
    expect(await complaint(codec, announcing(MEGABYTE, packed))).toMatch(/announces/)
  })

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['an unknown flag', Uint8Array.of(7, 1, 2)],
    ['a header cut short', Uint8Array.of(DEFLATED, 0, 0)],
    ['no deflate', announcing(10, Uint8Array.of(255, 255, 255))],
    ['less than announced', announcing(payload.length + 1, packed)],
    ['more than announced', announcing(payload.length - 1, packed)],
    ['a deflate stream cut short', announcing(payload.length, packed.subarray(0, -4))],
  ])('%s', async (_, bytes) => {
    await complaint(codec, bytes)
  })
})
