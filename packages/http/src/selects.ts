import type { Incoming } from './incoming.ts'
import type { StoredResponse } from './stored-response.ts'
import { variantOf } from './vary.ts'

/** Whether a stored response is the variant that this request asks for (RFC 9111 §4.1). */
export const selects = ({ vary, variant }: StoredResponse, incoming: Incoming): boolean =>
  vary.length === 0 || variantOf(vary, (name) => incoming.header(name)) === variant
