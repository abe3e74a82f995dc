import type { Dial } from './keep-subscribed.ts'
import { keepSubscribed } from './keep-subscribed.ts'
import type { Readiness } from './readiness.ts'
import type { RedisClient, RedisCommand, RedisSubscribed } from './redis-client.ts'
import type { Silent } from './watch-answers.ts'
import { watchAnswers } from './watch-answers.ts'

/** A client that the package made, and has to close. */
export interface OwnClient extends Pick<Readiness, 'beginning' | 'failure'> {
  close(): void
}

/** What differs between clients that speak the protocol of Redis over connections of their own. */
export interface Translation extends Pick<
  RedisClient,
  'label' | 'cluster' | 'ordered' | 'advice' | 'nodes' | 'nodeOf' | 'slotOf' | 'lossesOf'
> {
  /** Absent for a client that was given. */
  readonly own?: OwnClient | undefined
  /** As `send` of `RedisClient`, of a client that is ready. */
  transmit(command: RedisCommand, key: string): Promise<unknown>
  readonly dial: Dial
  /** Absent where the client itself leaves a server that hangs. */
  readonly silent?: Silent | undefined
  /** Takes back what was added to the client, which may have been given. */
  release?(): void
}

/**
 * Makes a `RedisClient` of what differs between clients: waits for the first connection, keeps subscriptions up, and
 * closes what is its own.
 */
export function translateClient({ own, transmit, dial, silent, release, ...about }: Translation): RedisClient {
  const subscriptions = new Set<RedisSubscribed>()
  const answers = silent && watchAnswers(silent)

  function sendNow(command: RedisCommand, key: string): Promise<unknown> {
    const answer = transmit(command, key)
    answers?.watch(key, about.nodeOf?.(key) ?? '', answer)
    return answer
  }

  function send(command: RedisCommand, key: string): Promise<unknown> {
    const beginning = own?.beginning()
    if (beginning !== undefined) return beginning.then(() => send(command, key))
    const failure = own?.failure()
    return failure === undefined ? sendNow(command, key) : Promise.reject(failure)
  }

  return {
    ...about,
    shared: own === undefined,
    send,
    subscribe(subscription) {
      const subscribed = keepSubscribed(dial, subscription)
      subscriptions.add(subscribed)
      return {
        active: subscribed.active,
        async close() {
          subscriptions.delete(subscribed)
          await subscribed.close()
        },
      }
    },
    async close() {
      for (const subscribed of subscriptions) await subscribed.close()
      subscriptions.clear()
      answers?.stop()
      release?.()
      own?.close()
    },
  }
}
