import { Redis } from 'ioredis'

export interface Address {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly ca: string } | undefined
  readonly user?: { readonly username: string; readonly password: string } | undefined
}

/** Sends one command on a connection of its own. Rejects after five seconds without an answer. */
export async function command({ host, port, tls, user }: Address, words: (string | number)[]): Promise<unknown> {
  const [name = '', ...args] = words.map(String)
  const client = new Redis({
    host,
    port,
    ...user,
    ...(tls && { tls: { ca: tls.ca } }),
    lazyConnect: true,
    retryStrategy: null,
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    connectTimeout: 2000,
    commandTimeout: 5000,
    socketTimeout: 5000,
    disconnectTimeout: 100,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}
