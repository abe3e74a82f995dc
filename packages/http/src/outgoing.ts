import type { HeaderList } from './header-list.ts'

/** A response, as light as a framework can make it. */
export interface Outgoing {
  readonly status: number
  readonly headers: HeaderList
  /** `null` where there is none, as for HEAD, 204 and 304. */
  readonly body: ReadableStream<Uint8Array> | Uint8Array | null
}
