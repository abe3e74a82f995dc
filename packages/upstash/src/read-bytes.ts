import { bodyOf } from './body-of.ts'
import { Refusal } from './failures.ts'
import { replyIn } from './resp2.ts'

export interface ReadBytesInput {
  readonly url: string
  readonly token: string
  readonly signal: () => AbortSignal
  /** Something of an answer has come. */
  readonly heard: () => void
  /** What the service last said of how far it was. */
  readonly syncToken: () => string | undefined
}

/**
 * Sends a reading command past the client, which has the answer in base64 and JSON: for values of 10 kB RESP2 takes a
 * tenth less of the processor, for those of 200 kB half, and a quarter less of the line.
 */
export function createReadBytes({ url, token, signal, heard, syncToken }: ReadBytesInput) {
  return async (words: readonly string[]): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Upstash-Response-Format': 'resp2',
        'Upstash-Sync-Token': syncToken() ?? '',
      },
      body: JSON.stringify(words),
      signal: signal(),
      // some frameworks keep answers to POST
      cache: 'no-store',
    })
    if (!response.ok) throw new Refusal(response.status, await response.text())
    return replyIn(await bodyOf(response, heard))
  }
}
