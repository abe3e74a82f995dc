import { ShelflifeError } from '@shelflife/core'

/** What `cacheAdmin` answers. */
export interface AdminAnswer {
  readonly status: number
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, in the place of `body`. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-type': 'application/json',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

export const failure = (status: number, error: string): AdminAnswer => ({ status, body: { error } })

/** Errors that tell whoever asked what to do; any other stays with whoever runs the service. */
export function failureFor(error: unknown): AdminAnswer | undefined {
  if (!(error instanceof ShelflifeError)) return undefined
  if (error.code === 'invalid-option') return failure(400, error.message)
  return error.code === 'remote-unreachable' ? failure(503, error.message) : undefined
}

/** JSON has no Infinity: what has no end is `null`. */
export function toResponse({ status, body, text, headers }: AdminAnswer, method: string): Response {
  const content = method === 'HEAD' ? null : (text ?? JSON.stringify(body))
  return new Response(content, { status, headers: { ...HEADERS, ...headers } })
}
