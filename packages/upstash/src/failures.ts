import type { ShelflifeErrorCode } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

/** The client does not tell the status of an answer, only what the service, or a proxy in front of it, has to say. */
const BY_TEXT: readonly (readonly [code: ShelflifeErrorCode, pattern: RegExp])[] = [
  ['store-quota-exceeded', /max (daily |monthly )?requests? limit|quota/i],
  ['store-rate-limited', /\b429\b|too many requests|rate.?limit|per second/i],
  ['store-request-too-large', /\b413\b|too large|max (request|single record|key|field|member) size/i],
  ['store-unauthorized', /^(WRONGPASS|NOAUTH|NOPERM)\b|unauthorized/i],
]
const BY_STATUS: Readonly<Record<number, ShelflifeErrorCode>> = {
  401: 'store-unauthorized',
  413: 'store-request-too-large',
  429: 'store-rate-limited',
}

const codeIn = (text: string): ShelflifeErrorCode | undefined => BY_TEXT.find(([, pattern]) => pattern.test(text))?.[0]

/** Commands stand in the messages of the client and of the server, values among them. */
const withoutCommand = (message: string): string =>
  message.replace(/,? (command was:|with args beginning with).*$/s, '')

/** What the service says, with the code of Redis in front, such as NOSCRIPT, which the store looks for. */
function asError(said: string, code: ShelflifeErrorCode | undefined): Error {
  return code === undefined ? new Error(said) : new ShelflifeError(code, said)
}

/** What the service says of one command among several, without a word of what was sent. */
export function meaningOf(message: string): Error {
  const said = withoutCommand(message)
  return asError(said, codeIn(said))
}

/** What an error of the client, or of `fetch`, means, without a word of what was sent. */
export function failureOf(error: unknown, patience: number): Error {
  if (error instanceof Refusal) return error.meaning
  const { name = '', message = '' } = error instanceof Error ? error : {}
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new ShelflifeError('store-timeout', `Upstash did not answer within ${patience} ms`)
  }
  const said = withoutCommand(message)
  if (name === 'UpstashError') return asError(said, codeIn(said))
  if (name === 'UpstashJSONParseError') return foreign(codeIn(said))
  return new ShelflifeError('store-unavailable', 'the request failed on its way')
}

/** Of something between us and the service: what it says may be anything. */
const foreign = (code: ShelflifeErrorCode = 'store-unavailable'): Error =>
  new ShelflifeError(code, 'the answer was not one of Upstash')

/** An answer that is not a success, to a request that was not made by the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly meaning: Error

  constructor(status: number, body: string) {
    super()
    const said = /^\{"error":"([^"]*)/.exec(body)?.[1] ?? /^-([^\r\n]*)/.exec(body)?.[1]
    const code = BY_STATUS[status] ?? (status >= 500 ? 'store-unavailable' : undefined)
    this.meaning = said === undefined ? foreign(code) : asError(withoutCommand(said), codeIn(said) ?? code)
  }
}

/** Whether the same request may get through a moment later. */
export const isPassing = (error: Error): boolean =>
  error instanceof ShelflifeError && error.code === 'store-unavailable'
