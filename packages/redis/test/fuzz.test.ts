import { describe, test } from 'vitest'

import type { Chance } from '../../core/test/fuzz-bytes.ts'
import { damaged, fuzz, seeds } from '../../core/test/fuzz-bytes.ts'
import { bodyOf, parseMessage, wokenBy } from '../src/message.ts'
import { numberOf, openedOf, recordOf, textOf } from '../src/replies.ts'
import { createServerClock } from '../src/server-clock.ts'

const TIMEOUT = 120_000
const encoder = new TextEncoder()
const decoder = new TextDecoder()

const messages = [
  bodyOf('one:1', { type: 'invalidate', names: ['shop/product(42)'] }),
  bodyOf('two', { type: 'expireTags', names: ['shop#é', 'shop'] }),
  bodyOf('three', { type: 'invalidateTags', names: [] }),
  '["four","__proto__",["constructor"]]',
  '["five","expire",["shop/product(42)"],"10000-a-1-2","9999-b-1-1"]',
].map((body, i) => encoder.encode(`epoch-${i} ${10 ** (5 * i)} ${body}`))
const TYPES = ['invalidate', 'expire', 'invalidateTags', 'expireTags']

const records = ['0000001700000000', '9000000000000000', '9999999999999999'].map((time) =>
  encoder.encode(`0000001600000000${time}SL and the rest of it`),
)

const clock = createServerClock()
clock.learn(1_700_000_000, 1000, 1001)
const node = { clock, notBefore: 0 }

/** What a client may make of a reply. */
function reply(chance: Chance): unknown {
  const bytes = damaged([...records, ...messages], chance)
  return chance.pick([bytes, Buffer.from(bytes), decoder.decode(bytes), chance.below(1e6) / 7, `${chance.below(1e6)}`])
}

function strange(chance: Chance): unknown {
  const values = [undefined, null, true, Number.NaN, Infinity, {}, [], [[]], 1n, Symbol('reply'), new Map(), () => {}]
  return chance.below(3) > 0 ? reply(chance) : chance.pick<unknown>(values)
}

/** What it makes of a reply, or `undefined` where it refuses. */
function unlessRefused<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof TypeError && error.message.endsWith('makes no sense')) return undefined
    throw error
  }
}

const isTime = (time: unknown): boolean => typeof time === 'number' && !Number.isNaN(time)

describe.each(seeds)('seed %d', (seed) => {
  test(
    'any text is a message of ours or none',
    () =>
      fuzz({ seed, count: 100_000 }, (chance) => {
        const payload = decoder.decode(damaged(messages, chance))
        wokenBy(payload)
        const parsed = parseMessage(payload)
        if (parsed === undefined) return
        const { epoch, number, id = '', before = '', sender, message } = parsed
        const areNames = message.names.every((name) => typeof name === 'string')
        const isSound =
          epoch !== '' &&
          number >= 0 &&
          [id, before, sender].every((text) => typeof text === 'string') &&
          TYPES.includes(message.type)
        if (!isSound || !areNames) throw new TypeError(`believed: ${payload}`)
      }),
    TIMEOUT,
  )

  test(
    'any bytes are a record',
    () =>
      fuzz({ seed, count: 100_000 }, (chance) => {
        const bytes = damaged(records, chance)
        const record = recordOf(bytes, node)
        if (record === undefined || !isTime(record.createdAt) || !isTime(record.freshUntil))
          throw new TypeError('no record')
        const { buffer, byteOffset, length } = record.envelope
        const isInside = buffer === bytes.buffer && byteOffset + length === bytes.byteOffset + bytes.length
        if (!isInside || (length !== bytes.length && length !== bytes.length - 32)) throw new TypeError('other bytes')
      }),
    TIMEOUT,
  )

  test(
    'any reply is what was asked for or refused',
    () =>
      fuzz({ seed, count: 100_000 }, (chance) => {
        const state = chance.pick(['granted', 'failed', 'held', 'filled', 'gone', ''])
        const opened = unlessRefused(() => openedOf(state, strange(chance), node))
        const number = unlessRefused(() => numberOf(strange(chance), 'time'))
        const text = unlessRefused(() => textOf(strange(chance), 'open'))
        if (number !== undefined && !Number.isFinite(number)) throw new TypeError(`number ${number}`)
        if (text !== undefined && typeof text !== 'string') throw new TypeError('no text')
        if (opened === undefined) return
        const isFenced = 'fence' in opened && typeof opened.fence === 'string'
        const isHeld = opened.state === 'held' && Number.isFinite(opened.retryAfter)
        if (!isFenced && !isHeld && opened.state !== 'filled') throw new TypeError(`opened ${opened.state}`)
      }),
    TIMEOUT,
  )
})
