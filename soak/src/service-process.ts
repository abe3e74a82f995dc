import type { Child } from './child.ts'
import { startChild } from './child.ts'

export interface ServiceSetup {
  readonly url: string
  readonly seed: number
  /** Whether it answers writes without making their invalidation now and then. */
  readonly isSaboteur: boolean
}

/** What a process of the service says: where it listens, at the end what it has done, and errors in between. */
export interface ServiceMessage {
  readonly port?: number
  readonly counts?: Readonly<Record<string, number>>
  readonly error?: string
}

export interface ServiceProcess extends Child {
  readonly port: number
}

/** Resolves when it listens. Rejects if it ends before. */
export async function startService(
  setup: ServiceSetup,
  listener: (message: ServiceMessage) => void,
): Promise<ServiceProcess> {
  const listening = Promise.withResolvers<number>()
  const child = startChild<ServiceMessage>({
    program: 'service-worker.ts',
    setup,
    listener(message) {
      listener(message)
      if (message.port !== undefined) listening.resolve(message.port)
    },
  })
  void child.ended.then(() => listening.reject(new Error('a process of the service ended before it listened')))
  const port = await listening.promise
  return { ...child, port }
}
