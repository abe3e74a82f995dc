import type { IncomingMessage, ServerResponse } from 'node:http'

/** Whether nobody gets the answer to a request any more. */
export function hasGone({ socket }: IncomingMessage, res: ServerResponse): boolean {
  const { stream } = res as { readonly stream?: { readonly destroyed: boolean } }
  return res.destroyed || stream?.destroyed === true || socket.destroyed
}

/**
 * Why a handler does not run: who has gone while he waited for another's response gets none of his own. What the handler
 * would read from, nobody would close.
 */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'

  constructor() {
    super('The client has gone while it waited for the response that another one had asked for')
  }
}
