import fc from 'fast-check'
import { codePoint } from '../../conformance/src/code-point.ts'
import { describe, expect, test } from 'vitest'

import { checksum } from '../src/checksum.ts'
import type { Envelope } from '../src/envelope.ts'
import { decodeEnvelope, encodeEnvelope, seedOf } from '../src/envelope.ts'
import { thrown } from './thrown.ts'

const KEY = 'shop/product(42)'

const sample: Envelope = {
  codec: 1,
  ttl: 60_000,
  staleWhileRevalidate: 300_000,
  staleIfError: 3_600_000,
  earlyRefresh: 0,
  sliding: false,
  cost: 12.5,
  tier: 'dynamic',
  tags: ['shop', 'shop#catalog', 'shop#catalog/tv'],
  ids: ['a.b', 'c.d', 'e.f'],
  payload: new TextEncoder().encode('{"name":"Röhre"}'),
}

const bytes = encodeEnvelope(KEY, sample)

/** The sample as version 1 writes it. These bytes never change: a new layout is a new version. */
const WIRE = [
  '534c', // SL
  '01', // version
  '01', // codec
  '25a9b854', // checksum, seeded with version, codec and key
  '00000049', // length of the text
  '40ed4c0000000000', // ttl
  '41124f8000000000', // staleWhileRevalidate
  '414b774000000000', // staleIfError
  '4029000000000000', // cost
  // ["dynamic",["shop","shop#catalog","shop#catalog/tv"],["a.b","c.d","e.f"]]
  '5b2264796e616d6963222c5b2273686f70222c2273686f7023636174616c6f67222c2273686f7023636174616c6f672f7476225d2c',
  '5b22612e62222c22632e64222c22652e66225d5d',
  // {"name":"Röhre"}
  '7b226e616d65223a2252c3b6687265227d',
].join('')

/** An envelope whose checksum fits, whatever else is wrong with it. */
function forged(change: (view: DataView) => void, text = '["dynamic",[],[]]', payload = 'null'): Uint8Array {
  const head = Buffer.from(text, 'latin1')
  const whole = Buffer.concat([encodeEnvelope(KEY, sample).subarray(0, 44), head, Buffer.from(payload)])
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength)
  view.setUint32(8, head.length)
  change(view)
  view.setUint32(4, checksum(whole, 8, seedOf(KEY, 1, sample.codec)))
  return whole
}

const isCorrupt = (key: string, damaged: Uint8Array): boolean => {
  try {
    decodeEnvelope(key, damaged)
    return false
  } catch (error) {
    expect(error).toMatchObject({ name: 'ShelflifeError', code: 'corrupt-envelope' })
    return true
  }
}

describe('format', () => {
  test('the bytes are those of version 1, so two releases can share a store', () => {
    expect(Buffer.from(bytes).toString('hex')).toBe(WIRE)
  })

  test('the bytes of version 1 are read', () => {
    expect(decodeEnvelope(KEY, new Uint8Array(Buffer.from(WIRE, 'hex')))).toEqual(sample)
  })

  test('what is written is read', () => {
    const period = fc.oneof(fc.constant(Infinity), fc.double({ min: 0, noNaN: true }))
    const texts = fc.string({ unit: codePoint, maxLength: 10 })
    const tagged = fc.array(fc.tuple(texts, texts), { maxLength: 4 })
    const envelopes = fc.record({
      codec: fc.integer({ min: 1, max: 255 }),
      ttl: period.filter((ttl) => ttl > 0),
      staleWhileRevalidate: period,
      staleIfError: period,
      earlyRefresh: fc.double({ min: 0, max: 1, noNaN: true }).map((share) => share + 0),
      sliding: fc.boolean(),
      cost: period,
      tier: texts,
      payload: fc.uint8Array({ maxLength: 100 }),
    })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), envelopes, tagged, (key, parts, pairs) => {
        const envelope = { ...parts, tags: pairs.map(([tag]) => tag), ids: pairs.map(([, id]) => id) }
        expect(decodeEnvelope(key, encodeEnvelope(key, envelope))).toEqual(envelope)
      }),
      { numRuns: 2000 },
    )
  })

  test('bytes somewhere in a larger buffer are read as they are', () => {
    const pool = Buffer.concat([Buffer.from('noise'), bytes, Buffer.from('noise')])
    expect(decodeEnvelope(KEY, pool.subarray(5, 5 + bytes.length))).toEqual({
      ...sample,
      payload: Buffer.from(sample.payload),
    })
  })

  test('until invalidated is carried as such', () => {
    const endless = { ...sample, ttl: Infinity, staleIfError: 0, staleWhileRevalidate: 0 }
    expect(decodeEnvelope(KEY, encodeEnvelope(KEY, endless))).toEqual(endless)
  })

  test('an empty payload is a payload', () => {
    const empty = { ...sample, payload: new Uint8Array() }
    expect(decodeEnvelope(KEY, encodeEnvelope(KEY, empty)).payload).toHaveLength(0)
  })
})

describe('damage', () => {
  test('every single flipped bit is noticed', () => {
    const missed: number[] = []
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice()
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      if (!isCorrupt(KEY, damaged)) missed.push(bit)
    }
    expect(missed).toEqual([])
  })

  test('every truncation is noticed', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(isCorrupt(KEY, bytes.subarray(0, length)), `${length} bytes`).toBe(true)
    }
  })

  test('whatever is appended is noticed', () => {
    for (let length = 1; length < 40; length++) {
      expect(isCorrupt(KEY, Buffer.concat([bytes, new Uint8Array(length)])), `${length} zeros`).toBe(true)
    }
  })

  test('two envelopes that were mixed up are noticed', () => {
    const other = encodeEnvelope(KEY, { ...sample, payload: new TextEncoder().encode('{"name":"Rähre"}') })
    for (let at = 1; at < bytes.length; at++) {
      const mixed = Buffer.concat([bytes.subarray(0, at), other.subarray(at)])
      if (Buffer.compare(mixed, bytes) === 0 || Buffer.compare(mixed, other) === 0) continue
      expect(isCorrupt(KEY, mixed), `mixed at ${at}`).toBe(true)
    }
  })

  test('100,000 random inputs are noticed, also those that start like an envelope', () => {
    const random = new Uint8Array(96)
    for (let i = 0; i < 100_000; i++) {
      crypto.getRandomValues(random)
      if (i % 2 === 1) random.set(bytes.subarray(0, 4 + (i % 41)))
      if (!isCorrupt(KEY, random.subarray(0, i % 97))) throw new Error(Buffer.from(random).toString('hex'))
    }
  })

  test('an envelope under another key is foreign', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        fc.pre(one !== other)
        expect(isCorrupt(other, encodeEnvelope(one, sample))).toBe(true)
      }),
    )
    expect(isCorrupt('shop/product(43)', bytes)).toBe(true)
  })
})

describe('foreign bytes', () => {
  test.each(['', 'SL', 'null', '{"value":1}', '\u0000'.repeat(100), 'SL'.repeat(50)])('%j are refused', (text) => {
    expect(thrown(() => decodeEnvelope(KEY, Buffer.from(text))).code).toBe('corrupt-envelope')
  })

  test('an envelope of a newer format is refused, and the message says which', () => {
    for (const version of [0, 2, 255]) {
      const other = forged((view) => view.setUint8(2, version))
      expect(thrown(() => decodeEnvelope(KEY, other)).message).toBe(
        `the bytes under this key are not an entry of Shelflife: its format is version ${version}, this release reads 1`,
      )
    }
  })

  test.each([
    ['null'],
    ['{}'],
    ['[]'],
    ['["dynamic"]'],
    ['["dynamic",[]]'],
    ['[1,[],[]]'],
    ['[null,[],[]]'],
    ['["dynamic",null,null]'],
    ['["dynamic",["a"],[]]'],
    ['["dynamic",["a"],["1","2"]]'],
    ['["dynamic",[1],["1"]]'],
    ['["dynamic",["a"],[null]]'],
    ['["dynamic","a","b"]'],
    ['["dynamic",{"length":0},{"length":0}]'],
    ['{"__proto__":["dynamic",[],[]]}'],
    ['[{"__proto__":{"polluted":1}},[],[]]'],
    ['["dynamic",{"__proto__":[]},{"__proto__":[]}]'],
    ['{"0":"dynamic","1":[],"2":[],"length":3,"constructor":{"prototype":{"polluted":1}}}'],
    ['["dynamic",[],[]'],
    ['["dynamic",[],[]]x'],
    ['["dyn\xffamic",[],[]]'],
    [''],
  ])('the header %j is refused although its checksum fits', (text) => {
    expect(
      thrown(() =>
        decodeEnvelope(
          KEY,
          forged(() => {}, text),
        ),
      ).message,
    ).toContain('its header is malformed')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('a length beyond the end is refused although the checksum fits', () => {
    for (const length of [22, 1000, 2 ** 31, 2 ** 32 - 1]) {
      const error = thrown(() =>
        decodeEnvelope(
          KEY,
          forged((view) => view.setUint32(8, length)),
        ),
      )
      expect(error.message).toContain('it is truncated')
    }
  })

  test.each([12, 20, 28, 36])(
    'a lifetime that makes no sense at byte %i is refused although the checksum fits',
    (at) => {
      for (const value of [Number.NaN, -1, -Infinity, ...(at === 12 ? [0, -0] : [])]) {
        const error = thrown(() =>
          decodeEnvelope(
            KEY,
            forged((view) => view.setFloat64(at, value)),
          ),
        )
        expect(error.message).toContain('its lifetime makes no sense')
      }
    },
  )

  test('a forged envelope without a fault is read, so what is refused above is refused for its fault', () => {
    expect(
      decodeEnvelope(
        KEY,
        forged(() => {}),
      ),
    ).toMatchObject({ tier: 'dynamic', tags: [], ids: [] })
  })

  test('no message shows what the bytes are', () => {
    const secret = Buffer.from('the password is hunter2'.repeat(10))
    expect(thrown(() => decodeEnvelope(KEY, secret)).message).not.toContain('hunter2')
    expect(
      thrown(() =>
        decodeEnvelope(
          KEY,
          forged(() => {}, '["hunter2'),
        ),
      ).message,
    ).not.toContain('hunter2')
  })
})
