import { corrupt } from './corrupt.ts'
import { DEEPEST } from './inspect.ts'

/** An escape needs two levels for one. */
const DEEPEST_WRITTEN = 2 * DEEPEST + 2

const FIRST_RECORD = 0x40
const BIGINT = 0x42
const RECORD = 0x72
const SET = 0x73
const BINARY = 0x74
const DATE = 0xff
const LAST_TYPED_ARRAY = 10
const ARRAY_BUFFER = 16
const DATA_VIEW = 17

/** How many names each record of this payload has, by its id; -1 where there is none. */
const names = new Int32Array(0x40)
/** How many values are still to come on each level. */
const pending = new Int32Array(DEEPEST_WRITTEN + 2)

/** How many bytes follow a token that says all but them; VARIES for the others. */
const VARIES = -1
const SKIPPED = new Int8Array(0x100).fill(VARIES)
for (const nothing of [0xc0, 0xc2, 0xc3]) SKIPPED[nothing] = 0
for (const one of [0xcc, 0xd0]) SKIPPED[one] = 1
for (const two of [0xcd, 0xd1]) SKIPPED[two] = 2
for (const four of [0xce, 0xd2]) SKIPPED[four] = 4
for (const eight of [0xcb, 0xcf, 0xd3]) SKIPPED[eight] = 8

const isArray = (token: number): boolean => (token >= 0x90 && token <= 0x9f) || token === 0xdc || token === 0xdd

function checkExtension(type: number, length: number, view: DataView, at: number): void {
  if (type === DATE && (length === 4 || length === 8 || length === 12)) return
  if (type === BIGINT && length > 8) return
  if (type !== BINARY || length === 0) corrupt(`extension ${type}`)
  const kind = view.getUint8(at)
  if (kind > LAST_TYPED_ARRAY && kind !== ARRAY_BUFFER && kind !== DATA_VIEW) corrupt(`typed array ${kind}`)
}

/**
 * Walks over MessagePack without decoding it and lets nothing pass but what `msgpackCodec` writes: the decoder knows
 * more extensions, some of which cost more time than the bytes they need.
 *
 * @throws ShelflifeError `corrupt-envelope`, RangeError where the bytes end too early
 */
export function checkStructure(view: DataView, hasEscapes: boolean): void {
  const end = view.byteLength
  let at = 0
  let depth = 0
  /** Of all levels. Each value needs a byte, so what is announced is never more than what is there. */
  let announced = 1
  names.fill(-1)
  pending[0] = 1

  function enter(count: number): void {
    announced += count
    if (announced > end - at) corrupt('it announces more than it has')
    if (++depth > DEEPEST_WRITTEN) corrupt('it is nested too deep')
    pending[depth] = count
  }

  function skip(bytes: number): void {
    at += bytes
  }

  function size(bytes: number): number {
    const start = at
    at += bytes
    if (bytes === 1) return view.getUint8(start)
    return bytes === 2 ? view.getUint16(start) : view.getUint32(start)
  }

  function skipExtension(length: number): void {
    const type = view.getUint8(at)
    checkExtension(type, length, view, at + 1)
    skip(1 + length)
  }

  function skipNames(): number {
    const token = size(1)
    if (!isArray(token)) corrupt('a record without names')
    const count = token === 0xdc ? size(2) : token === 0xdd ? size(4) : token - 0x90
    for (let i = 0; i < count; i++) {
      const text = size(1)
      if (text >= 0xa0 && text <= 0xbf) at += text - 0xa0
      else if (text === 0xd9) skip(size(1))
      else if (text === 0xda) skip(size(2))
      else if (text === 0xdb) skip(size(4))
      else corrupt('a record with a name that is no text')
    }
    return count
  }

  /** Extensions with one byte of content, which is an id or stands for nothing. */
  function enterSmallExtension(): void {
    const type = size(1)
    const id = size(1) - FIRST_RECORD
    if (type === 0 || type === DATE) return
    if (type === SET && isArray(view.getUint8(at))) {
      announced++
      pending[depth] = (pending[depth] as number) + 1
      return
    }
    if (type !== RECORD || id < 0 || id >= names.length) corrupt(`extension ${type}`)
    const count = skipNames()
    names[id] = count
    enter(count)
  }

  function enterRecord(id: number): void {
    const count = names[id] as number
    if (count < 0) corrupt('an unknown record')
    enter(count)
  }

  function enterOrSkip(token: number): void {
    if (token === 0xc1 && hasEscapes) return
    if (token >= 0xc4 && token <= 0xc6) return skip(size(1 << (token - 0xc4)))
    if (token >= 0xc7 && token <= 0xc9) return skipExtension(size(1 << (token - 0xc7)))
    if (token === 0xd4) return enterSmallExtension()
    if (token >= 0xd6 && token <= 0xd8) return skipExtension(1 << (token - 0xd4))
    if (token >= 0xd9 && token <= 0xdb) return skip(size(1 << (token - 0xd9)))
    if (token >= 0xdc && token <= 0xdf) return enter((token >= 0xde ? 2 : 1) * size(token % 2 === 0 ? 2 : 4))
    corrupt(`token ${token}`)
  }

  while (depth >= 0) {
    const left = pending[depth] as number
    if (left === 0) {
      depth--
      continue
    }
    pending[depth] = left - 1
    announced--
    const token = view.getUint8(at++)
    if (token < 0x40 || token >= 0xe0) continue
    if (token < 0x80) enterRecord(token - FIRST_RECORD)
    else if (token < 0x90) enter(2 * (token - 0x80))
    else if (token < 0xa0) enter(token - 0x90)
    else if (token < 0xc0) at += token - 0xa0
    else if (SKIPPED[token] !== VARIES) at += SKIPPED[token] as number
    else enterOrSkip(token)
  }
  if (at !== end) corrupt('it has another length')
}
