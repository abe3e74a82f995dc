import type { Bus, BusMessage, RemoteStore } from '@shelflife/core'

import type { BrokenStore } from './broken-store.ts'

function withBus(store: RemoteStore, change: (listener: Parameters<Bus['listen']>[0]) => Parameters<Bus['listen']>[0]) {
  return { bus: { listen: (listener) => store.bus!.listen(change(listener)) } satisfies Bus }
}

export const BROKEN_BUSES: Readonly<Record<string, BrokenStore>> = {
  'message before the write': {
    fails: 'a message comes after the write',
    change: (store, server) => ({
      async invalidate(keys) {
        const records = keys.map((key) => server.records.get(key))
        const told = store.invalidate(keys)
        for (const [i, key] of keys.entries()) if (records[i]) server.records.set(key, records[i])
        await told
        for (const key of keys) server.records.delete(key)
      },
    }),
  },
  'take that is not told': {
    fails: 'a commit after take tells every other process, once it is written',
    change: (store, server) => ({
      commit(request) {
        Object.assign(server.fences.get(request.key) ?? {}, { taker: undefined })
        return store.commit(request)
      },
    }),
  },
  'message with a value': {
    fails: 'invalidate tells every other process the names, and nothing else',
    change: (store) =>
      withBus(store, (listener) => ({
        ...listener,
        message: (message) => listener.message?.({ ...message, value: 1 } as BusMessage),
      })),
  },
  'only what is there is told': {
    fails: 'what is not there is told too: others may have it',
    change: (store, server) => ({
      async invalidate(keys) {
        const found = keys.filter((key) => server.records.has(key))
        if (found.length > 0) await store.invalidate(found)
      },
    }),
  },
  'messages out of order': {
    fails: 'messages of one process arrive in the order in which they were sent',
    change: (store) =>
      withBus(store, (listener) => {
        let held: BusMessage | undefined
        return {
          ...listener,
          message(message) {
            const before = held
            held = before === undefined ? message : undefined
            if (before === undefined) return
            listener.message?.(message)
            listener.message?.(before)
          },
        }
      }),
  },
  'no confirmation': {
    fails: 'comes twice a second and more while nothing is lost',
    change: (store) => {
      let isFirst = true
      return withBus(store, (listener) => ({
        ...listener,
        confirmed(at) {
          if (isFirst) listener.confirmed(at)
          isFirst = false
        },
      }))
    },
  },
  'confirmation that comes seldom': {
    fails: 'comes twice a second and more while nothing is lost',
    change: (store) => {
      let last = -Infinity
      return withBus(store, (listener) => ({
        ...listener,
        confirmed(at) {
          if (at < last + 900) return
          last = at
          listener.confirmed(at)
        },
      }))
    },
  },
  'confirmation from the future': {
    fails: 'never comes for a time to come',
    change: (store) =>
      withBus(store, (listener) => ({ ...listener, confirmed: (at) => listener.confirmed(at + 1000) })),
  },
  'confirmation before the messages': {
    fails: 'comes only after everything that was sent before was heard',
    change: (store) =>
      withBus(store, (listener) => {
        const late: BusMessage[] = []
        return {
          ...listener,
          message: (message) => void late.push(message),
          confirmed(at) {
            listener.confirmed(at)
            for (const message of late.splice(0)) listener.message?.(message)
          },
        }
      }),
  },
  'no gap': {
    fails: 'does not come for what was lost, unless a gap is told first',
    change: (store) => withBus(store, (listener) => ({ ...listener, gap: () => {} })),
  },
  'no word of forgotten writes': {
    fails: 'are told once to every process: 3, and 3 made since',
    change: (store) => withBus(store, (listener) => ({ ...listener, lost: () => listener.gap() })),
  },
  'a gap is taken for forgotten writes': {
    fails: 'are not told of while nothing is forgotten',
    change: (store) => withBus(store, (listener) => ({ ...listener, gap: () => listener.lost() })),
  },
  'a listener that cannot be stopped': {
    fails: 'nothing is heard after the listener is stopped',
    change: (store) => ({
      bus: {
        listen(listener) {
          store.bus!.listen(listener)
          return () => {}
        },
      },
    }),
  },
}
