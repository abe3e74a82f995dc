import type { HeaderList } from '@shelflife/http'
import type { Context } from 'hono'

/** Whoever set them: they say what the response may be used for. */
const ABOUT_THE_RESPONSE = /^(?:vary|pragma|expires|(?:.*-)?cache-control)$/

/** What middlewares in front of this one have set of the response so far. */
export interface Earlier {
  readonly status: number
  /** Names in lower case. They go with every answer. */
  readonly headers: HeaderList
}

export function earlierOf(c: Context): Earlier {
  const { status, headers } = c.newResponse(null)
  return { status, headers: [...headers] }
}

/**
 * Headers of a response without those that were set earlier: each answer gets these anew, from the middlewares that run
 * for it.
 */
export function withoutEarlier(headers: HeaderList, earlier: HeaderList): HeaderList {
  if (earlier.length === 0) return headers
  return headers.filter(
    ([name, value]) =>
      ABOUT_THE_RESPONSE.test(name) || !earlier.some(([other, same]) => other === name && same === value),
  )
}
