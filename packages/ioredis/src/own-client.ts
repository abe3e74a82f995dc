import type { IoredisCluster, IoredisCommander } from './ioredis-connection.ts'

/** What there is to know about a client that this package made. */
export interface OwnClient {
  /**
   * What a command waits for before the client was ready or failed for the first time; nothing is queued for a server
   * that cannot be reached, so the first command would fail although the server is there.
   */
  beginning(): Promise<void> | undefined
  /** Why the client is not connected, such as a refused connection or a wrong password. */
  failure(): Error | undefined
  close(): void
}

const isCluster = (client: IoredisCommander): client is IoredisCluster => client.isCluster

const ignore = (): void => {}

/** A node that is not connected refuses all commands but the first, so none may be left for the first command. */
async function connectNodes(cluster: IoredisCluster): Promise<void> {
  cluster.on('+node', (node) => {
    if (cluster.status === 'ready' && node.status === 'wait') node.connect().catch(ignore)
  })
  const waiting = cluster.nodes('master').filter(({ status }) => status === 'wait')
  await Promise.allSettled(waiting.map((node) => node.connect()))
}

/** Of a Cluster, the error of the node that was asked last, which says more. */
const reasonOf = (error: Error & { readonly lastNodeError?: unknown }): Error =>
  error.lastNodeError instanceof Error ? error.lastNodeError : error

/** Opens a client and keeps its errors from ending the process: they are given to the commands that fail. */
export function openClient(client: IoredisCommander): OwnClient {
  let begin = ignore
  let failure: Error | undefined
  let beginning: Promise<void> | undefined = new Promise((resolve) => {
    begin = () => {
      beginning = undefined
      resolve()
    }
  })

  function fail(error: Error): void {
    failure = error
    begin()
  }

  client.on('error', (error: Error) => fail(reasonOf(error)))
  client.on('close', () => fail(failure ?? new Error('the connection was closed')))
  client.on('ready', () => {
    failure = undefined
    if (beginning !== undefined && isCluster(client)) void connectNodes(client).then(begin)
    else begin()
  })
  client.connect().catch(ignore)
  return {
    beginning: () => beginning,
    failure: () => (client.status === 'ready' ? undefined : failure),
    close() {
      fail(new Error('the store was closed'))
      // not quit(), which waits for a server that hangs
      client.disconnect()
    },
  }
}
