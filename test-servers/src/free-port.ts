import getPort from 'get-port'

/**
 * Below the ports that outgoing connections get (from 32768 on Linux): while a server is down, a client that keeps
 * trying one of those could otherwise be connected to itself, or to a socket of another test.
 */
const [LOWEST, HIGHEST] = [10_000, 32_000]
const CANDIDATES = 50

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const random = (): number => LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
  return getPort({ host: '127.0.0.1', port: Array.from({ length: CANDIDATES }, random) })
}
