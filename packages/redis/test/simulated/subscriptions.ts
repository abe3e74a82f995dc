import type { Turn } from '@shelflife/conformance'
import type { RedisSubscribed, RedisSubscription } from '@shelflife/redis'
import type { SimulatedServer } from './server.ts'

/** The connection of one process on which messages come. */
export interface Subscriptions {
  subscribe(subscription: RedisSubscription): RedisSubscribed
  disconnect(): void
  reconnect(): void
}

export function createSubscriptions(server: SimulatedServer, turn: Turn): Subscriptions {
  const open = new Set<{ connect(): Promise<void>; cut(): void }>()
  let isCut = false

  function subscribe({ channel, sharded, message }: RedisSubscription): RedisSubscribed {
    let isActive = false
    let isClosed = false
    /** On their way, in the order published; those of a connection that was cut never arrive. */
    let underWay: string[] = []
    let unsubscribe = (): void => {}

    function hear(payload: string): void {
      const queue = underWay
      queue.push(payload)
      void turn('message').then(() => {
        const next = queue.shift()
        if (next !== undefined && queue === underWay && !isClosed) message(next)
      })
    }

    function cut(): void {
      unsubscribe()
      unsubscribe = () => {}
      underWay = []
    }

    async function connect(): Promise<void> {
      await turn('SUBSCRIBE request')
      if (isCut || isClosed) return
      cut()
      unsubscribe = server.subscribe(channel, sharded, hear)
      await turn('SUBSCRIBE reply')
      isActive = true
    }

    const one = { connect, cut }
    open.add(one)
    void connect()
    return {
      active: () => isActive && !isClosed,
      async close() {
        isClosed = true
        open.delete(one)
        cut()
      },
    }
  }

  return {
    subscribe,
    disconnect() {
      isCut = true
      for (const one of open) one.cut()
    },
    reconnect() {
      if (!isCut) return
      isCut = false
      for (const one of open) void one.connect()
    },
  }
}
