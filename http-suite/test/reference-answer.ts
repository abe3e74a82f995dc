import type { Lines } from '../src/field-lines.ts'
import type { Asked, Given } from './forward.ts'
import { valueOf } from './forward.ts'
import type { Stored } from './reference-rules.ts'
import { parseDate } from './reference-rules.ts'

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
const tagsOf = (text: string): readonly string[] => text.match(/(?:W\/)?"[^"]*"/g) ?? []

/** RFC 9110 §13.2.2: whether what the client has is current. */
function isCurrent(asked: Asked, { lines, status }: Given): boolean {
  if (status !== 200) return false
  const tags = valueOf(asked.lines, 'if-none-match')
  const etag = valueOf(lines, 'etag')
  if (tags !== undefined)
    return tags.trim() === '*' || (etag !== undefined && tagsOf(tags).some((one) => opaque(one) === opaque(etag)))
  const since = parseDate(valueOf(asked.lines, 'if-modified-since'))
  const modified = parseDate(valueOf(lines, 'last-modified') ?? valueOf(lines, 'date'))
  return since !== undefined && modified !== undefined && modified <= since
}

/** RFC 9110 §13.1.5. */
function isWholeWanted(asked: Asked, { lines }: Given): boolean {
  const condition = valueOf(asked.lines, 'if-range')
  if (condition === undefined) return false
  if (/"/.test(condition)) return condition.startsWith('W/') || condition !== valueOf(lines, 'etag')
  const modified = valueOf(lines, 'last-modified')
  const age = (parseDate(valueOf(lines, 'date')) ?? 0) - (parseDate(modified) ?? Infinity)
  return condition !== modified || age < 60_000
}

/** RFC 9110 §14.2: the part that is asked for. */
function cut(asked: Asked, given: Given): Given {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(valueOf(asked.lines, 'range') ?? '') ?? []
  if (asked.method !== 'GET' || given.status !== 200 || first + last === '' || isWholeWanted(asked, given)) return given
  const size = given.body.length
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < start) return given
  if (start >= size)
    return { ...given, status: 416, lines: [['Content-Range', `bytes */${size}`]], body: Buffer.alloc(0) }
  const lines = [...given.lines, ['Content-Range', `bytes ${start}-${end}/${size}`] as const]
  return { ...given, status: 206, lines, body: given.body.subarray(start, end + 1) }
}

/** RFC 9111 §4: a response made from a stored one; without an age, from one that just arrived. */
export function fromStored(asked: Asked, { given }: Stored, age: number | undefined): Given {
  const status = age === undefined ? 'reference; fwd=miss' : 'reference; hit'
  const aged: Lines = age === undefined ? [] : [['Age', String(Math.floor(age))]]
  const rest = age === undefined ? given.lines : given.lines.filter(([name]) => name.toLowerCase() !== 'age')
  const length =
    asked.method === 'HEAD' && age !== undefined ? [['Content-Length', String(given.body.length)] as const] : []
  const kept = length.length > 0 ? rest.filter(([name]) => name.toLowerCase() !== 'content-length') : rest
  const lines: Lines = [...kept, ...length, ...aged, ['Cache-Status', status]]
  if (isCurrent(asked, given))
    return {
      ...given,
      lines: lines.filter(([name]) => name.toLowerCase() !== 'content-length'),
      status: 304,
      body: Buffer.alloc(0),
    }
  return cut(asked, { ...given, lines })
}
