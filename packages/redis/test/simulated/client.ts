import type { Turn } from '@shelflife/conformance'
import type { RedisClient, RedisCommand } from '@shelflife/redis'
import type { Reply } from './reply.ts'
import { bytesOf } from './reply.ts'
import type { SimulatedServer } from './server.ts'
import { createSubscriptions } from './subscriptions.ts'

export interface ClientOptions {
  /** Asked before every request, every reply and every message goes on its way. */
  readonly turn: Turn
  /** Whether messages can be heard. Default true. */
  readonly bus?: boolean
  /** Default: nothing is carried out twice. */
  readonly repeats?: Repeats
}

/** Commands that are carried out twice, because nothing was heard and they were sent again. */
export interface Repeats {
  /** Every nth command of a client is. */
  readonly every: number
  /** How many turns lie between, at least. */
  readonly lateBy: number
}

export interface SimulatedClient extends RedisClient {
  /** Cuts off the subscription: nothing notices, and everything that is published is lost. */
  disconnect(): void
  reconnect(): void
}

interface Sent {
  readonly name: string
  readonly isRepeated: boolean
  carryOut(): void
  answer(): void
}

export function simulatedClient(server: SimulatedServer, options: ClientOptions): SimulatedClient {
  const { turn, bus = true, repeats } = options
  const ordered = server.topology === 'standalone'
  const subscriptions = createSubscriptions(server, turn)
  /** Of an ordered connection, in the order sent. */
  let requests: Sent[] = []
  let replies: Sent[] = []
  let isDead = false
  let sends = 0

  async function soon(label: string, run: () => void): Promise<void> {
    await turn(label)
    run()
  }

  async function pass(turns: number): Promise<void> {
    for (let i = 0; i < turns; i++) await turn('nothing')
  }

  /** Whoever's turn it is, the oldest goes first. */
  function carryOutNext(): void {
    const next = isDead ? undefined : requests.shift()
    if (next === undefined) return
    next.carryOut()
    replies.push(next)
    if (next.isRepeated) void reconnect()
    else void soon(`${next.name} reply`, answerNext)
  }

  function answerNext(): void {
    if (!isDead) replies.shift()?.answer()
  }

  function enqueue(sent: Sent): void {
    requests.push(sent)
    void soon(`${sent.name} request`, carryOutNext)
  }

  /** The connection is dead for a while; then all that was not answered is sent again, in order. */
  async function reconnect(): Promise<void> {
    isDead = true
    await pass(repeats?.lateBy ?? 0)
    await turn('connection')
    const again = [...replies, ...requests]
    requests = []
    replies = []
    isDead = false
    for (const sent of again) enqueue({ ...sent, isRepeated: false })
  }

  async function travel(sent: Sent): Promise<void> {
    await turn(`${sent.name} request`)
    sent.carryOut()
    await turn(`${sent.name} reply`)
    sent.answer()
  }

  function send([name, ...args]: RedisCommand, key: string): Promise<unknown> {
    const words = [name, ...args].map(bytesOf)
    const isRepeated = repeats !== undefined && ++sends % repeats.every === 0
    return new Promise((resolve, reject) => {
      function attempt(): Sent {
        let answer = (): void => {}
        function carryOut(): void {
          try {
            const reply = copyOf(server.execute(words, bytesOf(key)))
            answer = () => resolve(reply)
          } catch (error) {
            answer = () => reject(error as Error)
          }
        }
        return { name, isRepeated, carryOut, answer: () => answer() }
      }
      if (ordered) return enqueue(attempt())
      void travel(attempt())
      // either of them may be the one that is heard of
      if (isRepeated) void pass(repeats.lateBy).then(() => travel(attempt()))
    })
  }

  return {
    label: 'simulated',
    cluster: !ordered,
    ordered,
    send,
    ...(bus && { subscribe: subscriptions.subscribe }),
    disconnect: subscriptions.disconnect,
    reconnect: subscriptions.reconnect,
    async close() {},
  }
}

/** Nobody gets at the bytes that the server keeps. */
function copyOf(reply: Reply): unknown {
  if (reply instanceof Uint8Array) return reply.slice()
  return Array.isArray(reply) ? reply.map(copyOf) : reply
}
