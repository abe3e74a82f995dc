/** When and where a reply is given or a request is sent: what computed header values depend on. */
export interface Moment {
  /** Wall clock, in ms. */
  readonly now: number
  /** The URL of the case as its client addresses it, without what `to` adds. */
  readonly url: string
}

/** One line of a header. Computed when it is sent, for dates and absolute locations. */
export type Value = string | ((moment: Moment) => string)

/** Header lines by name, in order, names as they are sent. Several values are several lines, `[]` is none. */
export type Fields = Readonly<Record<string, Value | readonly Value[]>>

export type Lines = readonly (readonly [name: string, value: string])[]

/** The lines of a header at the moment they are sent. */
export function linesOf(fields: Fields, moment: Moment): Lines {
  const isOne = (value: Value | readonly Value[]): value is Value => !Array.isArray(value)
  return Object.entries(fields).flatMap(([name, value]) =>
    (isOne(value) ? [value] : value).map((one) => [name, valueAt(one, moment)] as const),
  )
}

export const valueAt = (value: Value, moment: Moment): string => (typeof value === 'string' ? value : value(moment))

/** Pairs of `rawHeaders`: names and values alternate. */
export function pairsOf(raw: readonly string[]): Lines {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []))
}

/** Values of the lines with this name, which is in lower case. */
export function valuesOf(lines: Lines, name: string): readonly string[] {
  return lines.flatMap(([one, value]) => (one.toLowerCase() === name ? [value] : []))
}
