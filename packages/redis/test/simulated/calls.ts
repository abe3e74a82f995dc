import fc from 'fast-check'
import { NOW } from '../../src/script.ts'
import { SCRIPTS } from '../scripts.ts'

/** A command as words. */
export type Words = readonly (string | Uint8Array)[]

const ENTRY = 'p:{k}'
const FENCE = 'p:{k}:f'
const LOG = '{p}:log'
const TAGS = ['{p}:t{a}', '{p}:t{b}', '{p}:t{c}']
/** Where nobody else's clock is asked, two servers agree to the byte. */
const STOPPED = "\nlocal now = 20000\nlocal moment = '20-5'\n"

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const text = (...values: readonly (string | number)[]): fc.Arbitrary<string> => oneOf(...values.map(String))
const bytes = fc.uint8Array({ maxLength: 40 })
const owner = text('ada', 'bob', '')
const fence = text('f1', 'f2', 'f3')
const epoch = text('e1', 'e2', 'e-3')
/** Long, so that none of them ends while two servers are compared. */
const life = text(60_000, 3_600_000)
const keep = fc.oneof(life, text(''))
const since = text('', 'e1-0', 'e1-1', 'e1-2', 'e2-1', 'e-3-0', 'odd')
const heads = text('0000000000010000', '0000000000030000', '9000000000000000', '-000000000000100')

const ARGS: Readonly<Record<string, readonly fc.Arbitrary<string | Uint8Array>[]>> = {
  OPEN: [text('load', 'early', 'take'), owner, text(0, 0, 3000), fence, life],
  COMMIT: [owner, fence, bytes, text(0, 1, 5000), text(200, 3_600_000, 9e15), keep, fence, life],
  RENEW: [owner, text(3000), life],
  RELEASE: [owner, text(0, 1000)],
  WATCH: [],
  EXPIRE: [],
  TOUCH: [text(200, 3_600_000, 9e15), keep],
  BEAT: [epoch, text('', '0-e1-20-5', '1-e2-20-5', '7-e1-20-5', 'odd')],
  PUBLISH: [epoch, text('PUBLISH', 'SPUBLISH'), text('{p}:bus'), text('[]'), text('', '0-e1-20-5', '1-e2-20-5')],
  INVALIDATE_TAGS: [epoch, text('PUBLISH'), text('{p}:bus'), text('[]'), text('', '0-e1-20-5', '1-e2-20-5')],
  EXPIRE_TAGS: [epoch, text('PUBLISH'), text('{p}:bus'), text('[]'), text('', '0-e1-20-5', '1-e2-20-5')],
  CAPTURE: [epoch, keep, since, text('new', 'id')],
}

const tags = fc.subarray(TAGS)

function callOf(name: string): fc.Arbitrary<Words> {
  const source = SCRIPTS[name]?.lua.replace(NOW, STOPPED) ?? ''
  const isShared = ['BEAT', 'PUBLISH', 'INVALIDATE_TAGS', 'EXPIRE_TAGS', 'CAPTURE'].includes(name)
  const keys = isShared ? tags.map((some) => [LOG, ...some]) : fc.constant([ENTRY, FENCE])
  return fc
    .tuple(keys, fc.tuple(...(ARGS[name] ?? [])))
    .map(([some, args]) => ['EVAL', source, String(some.length), ...some, ...args])
}

const key = oneOf(ENTRY, FENCE, LOG, ...TAGS)
const field = oneOf('g', 'o', 'u', 'x', 'm', 'i', 'e', 'l0', 'l1')
const fieldValue = text('f1', 'ada', 20_500, 5, 1000, '1-e1-20-5', 'odd')

/** Plain commands, some of which damage what the scripts have written. */
const plain: readonly fc.Arbitrary<Words>[] = [
  fc.tuple(oneOf('GET', 'PTTL', 'PERSIST', 'MGET', 'UNLINK'), key),
  fc.tuple(oneOf('MGET', 'UNLINK'), key, key),
  fc.tuple(oneOf('SET'), key, bytes),
  fc.tuple(oneOf('SET'), key, heads, oneOf('KEEPTTL', 'PX')),
  fc.tuple(oneOf('SET'), key, bytes, oneOf('PX'), text(60_000, 0, 'odd')),
  fc
    .tuple(heads, heads, bytes)
    .map(([from, to, rest]) => ['SET', ENTRY, Buffer.concat([Buffer.from(from + to), rest])]),
  fc.tuple(oneOf('GETRANGE'), key, text(0, 3), text(2, 31)),
  fc.tuple(oneOf('SETRANGE'), key, text(0, 16, 40), bytes),
  fc.tuple(oneOf('HGET', 'HDEL', 'HMGET'), key, field),
  fc.tuple(oneOf('HSET'), key, field, fieldValue),
  fc.tuple(oneOf('HSET', 'HMGET'), key, field),
  fc.tuple(oneOf('HINCRBY'), key, field, text(1, 'odd')),
  fc.tuple(oneOf('PEXPIRE'), key, text(60_000, 0, -1, '1.5')),
  fc.constant(['EVALSHA', '0'.repeat(40), '0']),
  fc.constant(['EVAL', 'return redis.call("NONSENSE")', '0']),
  fc.constant(['EVAL', 'return {1, "two", {3, false, 4}, nil, 5}', '0']),
  fc.constant(['EVAL', 'return {redis.call("SET", KEYS[1], 1.0), 3.7, true, false}', '1', ENTRY]),
  fc.constant(['EVAL', 'undeclared = 1', '0']),
]

/** What is asked of two servers to see that they answer alike. */
export const calls: fc.Arbitrary<Words> = fc.oneof(
  { arbitrary: fc.oneof(...Object.keys(ARGS).map(callOf)), weight: 2 },
  { arbitrary: fc.oneof(...plain), weight: 1 },
)
export const KEYS: readonly string[] = [ENTRY, FENCE, LOG, ...TAGS]
