import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** `pass` forwards, `blackhole` accepts and swallows, `refuse` resets what connects. */
export type FaultMode = 'pass' | 'blackhole' | 'refuse'

export interface FaultProxy {
  readonly host: string
  readonly port: number
  readonly url: string
  /** May be changed at any time; holds for open connections too, except `refuse`. */
  mode: FaultMode
  /** How long everything is held back, in milliseconds, each way. */
  delay: number
  /** After so many bytes of answers a connection is reset; counted for each. */
  cutAfter: number
  /** How many connections are open. */
  connections(): number
  /** Resets all connections. */
  reset(): void
  stop(): Promise<void>
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
  answered: number
}

/**
 * A TCP proxy in front of a server that makes the faults of a network.
 *
 * @example
 * const proxy = await faultProxy(server)
 * proxy.mode = 'blackhole' // connections stay open and nothing arrives, as when a cable is pulled
 */
export async function faultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  const server = createServer((near) => {
    if (proxy.mode === 'refuse') return void near.resetAndDestroy()
    const pair: Pair = { near, far: connect(target), answered: 0 }
    pairs.add(pair)
    forward(pair, pair.near, pair.far)
    forward(pair, pair.far, pair.near)
    near.setNoDelay(true)
    pair.far.setNoDelay(true)
  })

  function end(pair: Pair): void {
    pairs.delete(pair)
    pair.near.resetAndDestroy()
    pair.far.resetAndDestroy()
  }

  function forward(pair: Pair, from: Socket, to: Socket): void {
    const write = (bytes: Buffer): void => {
      if (proxy.mode === 'blackhole' || !to.writable) return
      if (from === pair.far) pair.answered += bytes.length
      // what is over the limit is lost together with the connection, so that an answer may be cut in two
      const over = Math.max(0, pair.answered - proxy.cutAfter)
      if (over > 0 && from === pair.far) {
        to.write(bytes.subarray(0, Math.max(0, bytes.length - over)), () => setImmediate(end, pair))
        return
      }
      to.write(bytes)
    }
    from.on('data', (bytes: Buffer) => {
      if (proxy.delay > 0) setTimeout(write, proxy.delay, bytes)
      else write(bytes)
    })
    from.on('error', () => end(pair))
    from.on('close', () => {
      // an end that was swallowed must not give away that the other side still lives
      if (proxy.mode !== 'blackhole') end(pair)
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy: FaultProxy = {
    host: '127.0.0.1',
    port,
    url: `redis://127.0.0.1:${port}`,
    mode: 'pass',
    delay: 0,
    cutAfter: Infinity,
    connections: () => pairs.size,
    reset() {
      for (const pair of pairs) end(pair)
    },
    async stop() {
      proxy.reset()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
