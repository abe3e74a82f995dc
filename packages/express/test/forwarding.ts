import type { RequestHandler } from 'express'
import { request } from 'node:http'
import { pipeline } from 'node:stream'

/** Node makes them anew. */
const FRAMING: ReadonlySet<string> = new Set(['keep-alive', 'transfer-encoding'])

const passedOn = (raw: readonly string[]): string[] =>
  raw.flatMap((name, i) => (i % 2 === 0 && !FRAMING.has(name.toLowerCase()) ? [name, raw[i + 1]!] : []))

/** Sends everything on to an origin as it comes, and its answers back. */
export function forwardingTo(origin: string): RequestHandler {
  const { hostname, port } = new URL(origin)
  return (req, res) => {
    const { method, originalUrl: path } = req
    const asked = request({ hostname, port, method, path, headers: passedOn(req.rawHeaders), agent: false })
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // an origin of the suite resets connections; whatever else goes wrong is the machine's, and explains a failure
      // oxlint-disable-next-line no-console
      if (error.code !== 'ECONNRESET') console.error(`${method} ${path} was not forwarded: ${error.message}`)
      if (res.headersSent) res.destroy()
      else res.writeHead(502, { 'Content-Length': '0' }).end()
    })
    asked.on('information', ({ statusCode, headers }) => {
      if (statusCode === 102) res.writeProcessing()
      else if (statusCode === 103) res.writeEarlyHints(headers as Record<string, string>)
    })
    asked.on('response', (given) => {
      res.sendDate = false
      res.writeHead(given.statusCode!, passedOn(given.rawHeaders))
      pipeline(given, res, () => {})
    })
    req.pipe(asked)
  }
}
