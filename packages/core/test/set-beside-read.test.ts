import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { Codec } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { jsonCodec } from '@shelflife/core/protocol'
import { memoryStore } from '@shelflife/memory'
import { expect, test } from 'vitest'

interface Held {
  readonly isHeld: Promise<void>
  release(): void
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Holds the next answer to one command back. */
function holding(): { take(answer: unknown): Promise<unknown>; arm(): Held } {
  let armed: { readonly held: ReturnType<typeof gate>; readonly released: ReturnType<typeof gate> } | undefined
  return {
    async take(answer) {
      const now = armed
      armed = undefined
      now?.held.open()
      await now?.released.opened
      return answer
    },
    arm() {
      const [held, released] = [gate(), gate()]
      armed = { held, released }
      return { isHeld: held.opened, release: released.open }
    },
  }
}

/** Takes some turns of the queue of microtasks for each value. */
const slowly = (turns: number): Codec => ({
  ...jsonCodec,
  async decode(bytes) {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    return jsonCodec.decode(bytes)
  },
})

// each number of turns is another order of what the two replies set off
test.each(Array.from({ length: 30 }, (_, turns) => turns))(
  'P1: a read whose reply comes together with that to a set leaves nothing old behind (%i turns later)',
  async (turns) => {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    const [reads, puts] = [holding(), holding()]
    const store = server.connect({ clock })
    const cache = createCache({
      namespace: 'p1',
      clock,
      codec: slowly(turns),
      store: [
        memoryStore({ clock }),
        {
          ...store,
          read: async (...args: Parameters<typeof store.read>) =>
            (await reads.take(await store.read(...args))) as Awaited<ReturnType<typeof store.read>>,
          put: async (...args: Parameters<typeof store.put>) =>
            (await puts.take(await store.put(...args))) as Awaited<ReturnType<typeof store.put>>,
        },
      ],
    })
    const other = createCache({ namespace: 'p1', clock, store: server.connect({ clock }) })
    await other.set('key', 'old')
    const put = puts.arm()
    const read = reads.arm()
    // begins after the fence of the set and is answered with what was there before
    const setting = cache.set('key', 'new')
    const reading = cache.getOrLoad('key', () => 'loaded')
    await Promise.all([read.isHeld, put.isHeld])
    read.release()
    put.release()
    await Promise.all([setting, reading])
    expect(await cache.get('key')).toBe('new')
    await Promise.all([cache.close(), other.close()])
  },
)
