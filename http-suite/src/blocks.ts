/** Bytes of one block. */
const SIZE = 64

const block = (of: string, run: number, index: number): string =>
  `${of} run ${run} block ${index}`.padEnd(SIZE - 1) + '\n'

/** A body whose every block says which one of which run of what it is. */
export const blocksOf = (of: string, run: number, count: number): string =>
  Array.from({ length: count }, (_, index) => block(of, run, index)).join('')

/**
 * What is wrong with bytes that should be of one such body, from an offset on.
 *
 * @returns `undefined`: nothing
 */
export function wrongBlocks(of: string, bytes: string, from: number): string | undefined {
  if (bytes.length < 2 * SIZE) return undefined
  const first = Math.ceil(from / SIZE)
  const run = Number(/ run (\d+) block /.exec(bytes.slice(first * SIZE - from, (first + 1) * SIZE - from))?.[1])
  for (let at = first; (at + 1) * SIZE <= from + bytes.length; at++) {
    const found = bytes.slice(at * SIZE - from, (at + 1) * SIZE - from)
    if (found !== block(of, run, at)) return `at ${at * SIZE}: ${JSON.stringify(found)}`
  }
  return undefined
}
