import { refuseOption } from '@shelflife/core/integration'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

import type { Checks } from './checked-properties.ts'
import { checkNumber, checkOneOf, withChecks } from './checked-properties.ts'
import type { Pace } from './trickle.ts'
import { trickle } from './trickle.ts'

/**
 * `pass` forwards, `blackhole` accepts and swallows, `refuse` resets what connects. A connection of which something was
 * swallowed is reset when more arrives on it later: no network leaves a gap inside of one.
 */
export type FaultMode = 'pass' | 'blackhole' | 'refuse'

export interface FaultTarget {
  readonly host: string
  readonly port: number
}

/**
 * A TCP proxy with faults that may be changed at any time, for open connections too. What is no value of a property throws
 * a ShelflifeError `invalid-option`, and nothing is changed.
 */
export interface FaultProxy {
  readonly host: string
  readonly port: number
  /** `redis://127.0.0.1:…` */
  readonly url: string
  /** Where new connections lead; `reset` ends those that lead elsewhere. Default: what it was made for. */
  target: FaultTarget
  /** Default `pass`. Connections that are open survive `refuse`; `reset` ends them. */
  mode: FaultMode
  /** How long everything is held back, in milliseconds, each way. Default 0. */
  delay: number
  /** After so many bytes of answers a connection is reset; counted for each. Default `Infinity`. */
  cutAfter: number
  /** Lets so many bytes of answers through every so many milliseconds, for each connection. Default: all at once. */
  pace: Pace | undefined
  /** How many connections are open. */
  connections(): number
  /** Resets all connections. */
  reset(): void
  /** Resets all connections and takes no more. May be called again. */
  stop(): Promise<void>
}

const MODES: readonly FaultMode[] = ['pass', 'blackhole', 'refuse']

const CHECKS = {
  target(value) {
    if (typeof value?.host !== 'string' || !Number.isInteger(value.port))
      refuseOption('target', '{ host, port }', value)
  },
  mode: (value) => checkOneOf('mode', MODES, value),
  delay: (value) => checkNumber('delay', 'milliseconds', value),
  cutAfter: (value) => checkNumber('cutAfter', 'bytes', value),
  pace(value) {
    if (value === undefined) return
    const isPace = Number.isInteger(value?.bytes) && value.bytes > 0 && value.every >= 0
    if (!isPace) refuseOption('pace', '{ bytes, every } with bytes from 1, or undefined', value)
  },
} satisfies Checks<FaultProxy>

interface Pair {
  readonly near: Socket
  readonly far: Socket
  answered: number
  hasGap: boolean
}

/**
 * A TCP proxy on 127.0.0.1, in front of a server, that makes the faults of a network.
 *
 * @throws ShelflifeError `invalid-option`
 * @example
 * const proxy = await faultProxy({ host: '127.0.0.1', port: 6379 })
 * proxy.mode = 'blackhole' // connections stay open and nothing arrives, as when a cable is pulled
 */
export async function faultProxy(target: FaultTarget): Promise<FaultProxy> {
  CHECKS.target(target)
  const pairs = new Set<Pair>()
  const server = createServer((near) => {
    if (proxy.mode === 'refuse') return void near.resetAndDestroy()
    const { host, port } = proxy.target
    const pair: Pair = { near, far: connect({ host, port }), answered: 0, hasGap: false }
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
    const isAnswer = from === pair.far
    const slow = trickle(write, () => proxy.pace)

    function write(bytes: Buffer): void {
      if (proxy.mode === 'blackhole') {
        pair.hasGap = true
        return
      }
      if (pair.hasGap) return end(pair)
      if (!to.writable) return
      if (isAnswer) pair.answered += bytes.length
      // what is over the limit is lost together with the connection, so that an answer may be cut in two
      const over = Math.max(0, pair.answered - proxy.cutAfter)
      if (over > 0 && isAnswer) {
        to.write(bytes.subarray(0, Math.max(0, bytes.length - over)), () => setImmediate(end, pair))
        return
      }
      to.write(bytes)
    }

    const arrive = isAnswer ? slow.push : write
    from.on('data', (bytes: Buffer) => {
      if (proxy.delay > 0) setTimeout(arrive, proxy.delay, bytes)
      else arrive(bytes)
    })
    from.on('error', () => end(pair))
    from.on('close', () => {
      slow.stop()
      // an end that was swallowed must not give away that the other side still lives
      if (proxy.mode !== 'blackhole') end(pair)
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const faults: FaultProxy = {
    host: '127.0.0.1',
    port,
    url: `redis://127.0.0.1:${port}`,
    target,
    mode: 'pass',
    delay: 0,
    cutAfter: Infinity,
    pace: undefined,
    connections: () => pairs.size,
    reset() {
      for (const pair of pairs) end(pair)
    },
    async stop() {
      faults.reset()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
  const proxy = withChecks(faults, CHECKS)
  return proxy
}
