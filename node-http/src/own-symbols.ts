import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/** Those of a request and a response of Node, with what comes to them when somebody asks. */
function symbolsOfNode(): ReadonlySet<symbol> {
  const req = new IncomingMessage(new Socket())
  Reflect.get(req, 'headersDistinct')
  Reflect.get(req, 'trailersDistinct')
  return new Set([req, new ServerResponse(req)].flatMap((object) => Object.getOwnPropertySymbols(object)))
}

const OF_NODE = symbolsOfNode()

/** What a server of Node adds to those, and the router of Express. */
const ADDED: ReadonlySet<string> = new Set(['kUniqueHeaders', 'router.tracing.matchedRoute'])

/** Whether a symbol is one of Node or of a router, and not of somebody who calls it alike. */
export const isOwnSymbol = (name: string | symbol): boolean =>
  typeof name === 'symbol' && (OF_NODE.has(name) || ADDED.has(name.description ?? ''))
