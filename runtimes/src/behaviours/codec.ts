import { compressed, encrypted, msgpackCodec } from '@shelflife/msgpack'

import type { Behaviour } from '../behaviour.ts'
import { expectSame } from '../behaviour.ts'

const record = () => ({
  text: 'é\u{1f375}\ud800',
  date: new Date(1_700_000_000_123),
  map: new Map<unknown, unknown>([
    [1, 'number'],
    ['1', 'text'],
  ]),
  set: new Set([1, '1']),
  bigint: -(2n ** 70n),
  bytes: Uint8Array.of(0, 128, 255),
  numbers: [Number.NaN, Infinity, -0, 0.1],
  nothing: undefined,
  list: Array.from({ length: 200 }, (_, id) => ({ id, name: `name ${id}` })),
})

/** Everything about a value that JSON would lose. */
function described(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (value === undefined) return 'undefined'
  if (value instanceof Date) return ['Date', value.getTime()]
  if (value instanceof Map) return ['Map', [...value].map((pair) => pair.map(described))]
  if (value instanceof Set) return ['Set', [...value].map(described)]
  if (value instanceof Uint8Array) return ['Uint8Array', [...value]]
  if (Array.isArray(value)) return value.map(described)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([name, one]) => [name, described(one)])
}

const key = Uint8Array.from({ length: 32 }, (_, i) => i)

const CODECS = {
  msgpack: msgpackCodec,
  'msgpack, compressed': compressed(msgpackCodec),
  'msgpack, compressed and encrypted': encrypted(compressed(msgpackCodec), { keys: [{ id: 'one', key }] }),
}

/** Msgpack. */
export const codec: readonly Behaviour[] = [
  ...Object.entries(CODECS).map(([name, one]) => ({
    title: `${name}: a value comes back as it was`,
    async run() {
      const bytes = await one.encode(record())
      expectSame(described(await one.decode(bytes)), described(record()), 'the value')
    },
  })),
  {
    title: 'what cannot be carried is refused',
    async run() {
      class Point {}
      for (const value of [new Point(), () => 1, Symbol('a'), new Promise(() => {})]) {
        let isRefused = false
        try {
          await msgpackCodec.encode(value)
        } catch {
          isRefused = true
        }
        expectSame(isRefused, true, 'a refusal')
      }
    },
  },
]
