const [ERROR, NUMBER, BYTES, LIST, STATUS] = ['-', ':', '$', '*', '+'].map((sign) => sign.charCodeAt(0))
const RETURN = 13
const decoder = new TextDecoder()

function nonsense(): never {
  throw new TypeError('the answer is not in RESP2')
}

/** A reply as Redis sends it, strings as views of `answer`: nothing is decoded and nothing is copied. */
export function replyIn(answer: Uint8Array): unknown {
  let at = 0

  function line(): string {
    const end = answer.indexOf(RETURN, at)
    if (end < 0) return nonsense()
    const text = decoder.decode(answer.subarray(at, end))
    at = end + 2
    return text
  }

  function length(): number {
    const number = Number(line())
    return Number.isSafeInteger(number) && number <= answer.length ? number : nonsense()
  }

  function bytes(): Uint8Array | null {
    const count = length()
    if (count < 0) return null
    const start = at
    at += count + 2
    return at <= answer.length ? answer.subarray(start, start + count) : nonsense()
  }

  function reply(): unknown {
    const sign = answer[at++]
    if (sign === BYTES) return bytes()
    if (sign === NUMBER) return Number(line())
    if (sign === STATUS) return line()
    if (sign === ERROR) throw new Error(line())
    if (sign !== LIST) return nonsense()
    const count = length()
    return count < 0 ? null : Array.from({ length: count }, reply)
  }

  return reply()
}
