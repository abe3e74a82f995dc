import type { HeaderList } from './header-list.ts'

/** A response, as light as a framework can make it. */
export interface Outgoing {
  readonly status: number
  readonly headers: HeaderList
  /** `null` where there is none, as for HEAD, 204 and 304. */
  readonly body: ReadableStream<Uint8Array> | Uint8Array | null
}

/** Nobody gets it: whoever makes its body hears so. */
export function discard({ body }: Outgoing): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => {})
}
