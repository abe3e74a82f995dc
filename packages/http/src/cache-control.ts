import { isToken, namesIn } from './header-list.ts'

/** What the directives of a message say. They are asked for in any case. */
export interface CacheControl {
  /** Whether the directive is there, in any spelling, with or without a value. */
  has(directive: string): boolean
  /**
   * The seconds of a directive. `undefined`: absent. 0: there, but not a number (RFC 9111 §4.2.1: stale). The smallest
   * where there are several; at most 2 ** 31.
   */
  seconds(directive: string): number | undefined
  /**
   * The fields that `no-cache="a, b"` or `private="a"` names, in lower case. `undefined`: absent. `[]`: it holds for the
   * whole message, which is also how everything dubious is read, `private=a` without quotes among it.
   */
  fields(directive: string): readonly string[] | undefined
}

/** One occurrence of a directive. */
export interface Directive {
  /** In lower case. */
  readonly name: string
  readonly seconds: number
  /** `[]`: the whole message. */
  readonly fields: readonly string[]
}

/** More seconds than that mean the same (RFC 9111 §1.2.2). */
export const MOST_SECONDS: number = 2 ** 31

/** Whole seconds from 0 to 2 ** 31. */
export const clampedSeconds = (seconds: number): number => Math.min(Math.max(seconds, 0), MOST_SECONDS)

/** Reads field names; `[]`, the whole message, if there are none or one of them is no name. */
export function fieldNames(text: string): readonly string[] {
  const names = namesIn([text])
  return names.every(isToken) ? names : []
}

/** Directives as something to ask, several of one name taken together. */
export function controlOf(directives: readonly Directive[]): CacheControl {
  const byName = new Map<string, { seconds: number; isWhole: boolean; fields: Set<string> }>()
  for (const { name, seconds, fields } of directives) {
    const known = byName.get(name)
    if (known === undefined) {
      byName.set(name, { seconds, isWhole: fields.length === 0, fields: new Set(fields) })
      continue
    }
    known.seconds = Math.min(known.seconds, seconds)
    known.isWhole ||= fields.length === 0
    for (const field of fields) known.fields.add(field)
  }
  const named = (directive: string) => byName.get(directive.toLowerCase())
  return {
    has: (directive) => named(directive) !== undefined,
    seconds: (directive) => named(directive)?.seconds,
    fields(directive) {
      const found = named(directive)
      return found?.isWhole ? [] : found && [...found.fields]
    },
  }
}

const JUNK = /[^!#$%&'*+\-.^_`|~\dA-Za-z]*/y
const WORD = /[!#$%&'*+\-.^_`|~\dA-Za-z]*/y
const EQUALS = /[ \t]*=[ \t]*/y
const END = /[ \t]*(?:,|$)/y

/** Reads text from its start on, in linear time. */
function scanner(text: string) {
  let at = 0

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }

  /**
   * What stands in quotes here. A quote that is never closed is none, so that it hides nothing. That happens once at
   * most, because the next one behind an `=` would have closed it.
   */
  function takeQuoted(): string | undefined {
    if (text[at] !== '"') return undefined
    let content = ''
    let from = at + 1
    for (let i = from; i < text.length; i++) {
      if (text[i] === '"') {
        at = i + 1
        return content + text.slice(from, i)
      }
      if (text[i] !== '\\') continue
      content += text.slice(from, i)
      from = ++i
    }
    return undefined
  }

  return { take, takeQuoted, isAtEnd: () => at >= text.length }
}

/** Digits as seconds, and 0 for what is not only digits. */
const deltaSeconds = (text: string): number => (/^\d+$/.test(text) ? clampedSeconds(Number(text)) : 0)

/** Whatever looks like a name outside quotes is one, so that no junk can hide a restriction. */
function directivesIn(line: string): readonly Directive[] {
  const { take, takeQuoted, isAtEnd } = scanner(line)
  const directives: Directive[] = []
  for (take(JUNK); !isAtEnd(); take(JUNK)) {
    const name = (take(WORD) ?? '').toLowerCase()
    const hasValue = take(EQUALS) !== undefined
    const quoted = hasValue ? takeQuoted() : undefined
    const value = quoted ?? (hasValue ? take(WORD) : '') ?? ''
    const isClean = take(END) !== undefined
    directives.push({
      name,
      seconds: isClean ? deltaSeconds(value) : 0,
      fields: isClean && quoted !== undefined ? fieldNames(quoted) : [],
    })
  }
  return directives
}

/**
 * Reads `Cache-Control` of a request or a response (RFC 9111 §5.2). Never throws; where a line can be read in several
 * ways, the one that lets less be stored counts.
 *
 * @param lines the lines of the field
 * @example parseCacheControl(['Max-Age=60, private="x-user"']).fields('private') // ['x-user']
 */
export const parseCacheControl = (lines: readonly string[]): CacheControl => controlOf(lines.flatMap(directivesIn))
