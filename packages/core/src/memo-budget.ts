/** What can be forgotten at any time, because it can be worked out again. */
export interface Memo {
  /** What it holds by estimate; kept by its budget. */
  bytes: number
  clear(): void
}

/** What all memos of a cache may hold together, however many wrapped functions there are. */
export interface MemoBudget {
  /** A memo holds more now. It may be empty afterwards. */
  grew(memo: Memo, bytes: number): void
  empty(memo: Memo): void
}

const MOST = 8 * 2 ** 20
/** A memo with nothing in it, whose wrapper may be gone. */
const EMPTY = 500

/** Bytes of a text, roughly. */
export const bytesOf = (text: unknown): number => (typeof text === 'string' ? 24 + 2 * text.length : 0)

/** Above `most` bytes the memos that hold most are emptied, until a quarter is free. */
export function createMemoBudget(most: number = MOST): MemoBudget {
  const memos = new Set<Memo>()
  let total = 0

  function empty(memo: Memo): void {
    total -= memo.bytes
    memo.bytes = 0
    memos.delete(memo)
    memo.clear()
  }

  return {
    empty,
    grew(memo, bytes) {
      const more = memo.bytes === 0 ? EMPTY + bytes : bytes
      memos.add(memo)
      memo.bytes += more
      total += more
      if (total <= most) return
      for (const largest of [...memos].sort((a, b) => b.bytes - a.bytes)) {
        empty(largest)
        if (total <= most * 0.75) return
      }
    },
  }
}
