import type { Clock, StoreHistory, StoreNodes } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import type { Beat } from './bus.ts'
import type { Origin } from './lineages.ts'
import type { Names } from './names.ts'
import { newId } from './new-id.ts'
import { createNodes } from './nodes.ts'
import type { RedisClient, RedisCommand } from './redis-client.ts'
import type { RecordingNode } from './replies.ts'
import { listOf, numberOf, textOf } from './replies.ts'
import { createRunScript } from './run-scripts.ts'
import type { Script } from './script.ts'
import { BEAT, PROBE } from './shared-scripts.ts'

type Keys = readonly [string, ...string[]]
type Args = readonly (string | number | Uint8Array)[]

/** Redis as the store sees it: commands and scripts, and what is known of the servers that answer them. */
export interface Server {
  /** The server that a name lives on. */
  nodeOf(name: string): RecordingNode
  /** Where it is, the same text for all names that are on one. */
  addressOf(name: string): string
  send(command: RedisCommand, key: string): Promise<unknown>
  run(script: Script, keys: Keys, args: Args): Promise<unknown>
  /** A script whose answer starts with the time of the server; gives the rest. */
  runTimed(script: Script, keys: Keys, args: Args): Promise<readonly unknown[]>
  /** What the server says about its messages, one of which has the id `known` unless that is empty. */
  beat(known?: string): Promise<Beat>
  /**
   * What the server of a name answers, when it is known to be the one that others write to, and what its clock says; rejects
   * where it is not.
   */
  believed<T>(name: string, asking: Promise<T>): Promise<T>
  /** Asks the server of a name once more who it is, unless it has just said so. */
  meetAgain(name: string): Promise<void>
  /** The database that is selected on connections which others use as well; `undefined` where it cannot be told. */
  database(): Promise<string | undefined>
  readonly history: StoreHistory
  /** The connection to the server of the tags; `undefined` where requests have none. */
  connection(): string | undefined
  /** Tells the address of each server that has answered. Returns what ends it. */
  onAnswer(heard: (address: string) => void): () => void
  /** Of a Cluster. */
  readonly nodes: Pick<StoreNodes, 'all' | 'of' | 'probe'>
}

/** A replica, or a master that others have replaced: what it has may be old. */
const REFUSALS = ['READONLY', 'NOREPLICAS']

/** Of what is not granted, or not known to the server. */
const UNTOLD = ['NOPERM', 'ERR']

/** Names of a slot that is on its way are on two nodes, neither of which carries out what needs several of them. */
const MOVING = ['TRYAGAIN', 'ASK ']

const says = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && codes.some((code) => error.message.startsWith(code))

/** Whether an error is what a server has said, and not that it has said nothing. */
const isReply = (error: unknown): boolean => error instanceof Error && /^[A-Z]{3,} /.test(error.message)

/** Whether a command can only be carried out name by name, since their slot is on its way. */
export const isApart = (error: unknown): boolean =>
  error instanceof ShelflifeError && error.code === 'store-moving' && says(error.cause, ['TRYAGAIN'])

export function createServer(client: RedisClient, names: Names, own: Clock): Server {
  const nodes = createNodes({ client, clock: own, introduce })
  const run = createRunScript({ send })
  const hearing = new Set<(address: string) => void>()

  function heardOf(key: string): void {
    if (hearing.size === 0) return
    const address = client.cluster ? nodes.of(key).address : ''
    for (const heard of hearing) heard(address)
  }

  async function send(command: RedisCommand, key: string): Promise<unknown> {
    try {
      const reply = await client.send(command, key)
      heardOf(key)
      return reply
    } catch (error) {
      if (isReply(error)) heardOf(key)
      // of a Cluster nobody else is asked for what a master has that others have replaced
      if (!client.cluster && says(error, REFUSALS)) nodes.of(key).refusal = error
      if (!says(error, MOVING)) throw error
      const problem = `its slot is on its way to another node of the Cluster: ${(error as Error).message.slice(0, 40)}`
      throw new ShelflifeError('store-moving', problem, { cause: error })
    }
  }

  /** On a Cluster without a key: where the slot of the name is on its way, another node would answer for it. */
  function introduction(name: string): Promise<unknown> {
    return client.cluster ? run(PROBE, [], [], name) : run(PROBE, [`${name}:p`], [])
  }

  async function introduce(name: string): Promise<Origin> {
    const [now, ...about] = listOf(await introduction(name), 'probe')
    const [run = '', elections = '', data = '', dataBefore = ''] = about.map((one) => textOf(one, 'probe'))
    return { now: numberOf(now, 'probe'), run, elections, data, dataBefore }
  }

  async function runTimed(script: Script, keys: Keys, args: Args): Promise<readonly unknown[]> {
    const [asked, sentAt] = [nodes.of(keys[0]), own.now()]
    const [now, ...rest] = listOf(await run(script, keys, args), 'script')
    // of another one if the client was sent on
    if (nodes.of(keys[0]) === asked) asked.clock.learn(numberOf(now, 'script'), sentAt, own.now())
    return rest
  }

  /** Where the node of a key, or of the tags, can be asked about it. */
  const placeOf = (key?: string): string => (key === undefined ? names.log : names.entry(key))

  return {
    nodeOf: nodes.recording,
    addressOf: (name) => nodes.of(name).address,
    send,
    run,
    runTimed,
    async beat(known = '') {
      const [epoch, age, sent, last, isRemembered] = await runTimed(BEAT, [names.log], [newId(), known])
      return {
        epoch: textOf(epoch, 'beat'),
        age: numberOf(age, 'beat'),
        sent: numberOf(sent, 'beat'),
        last: textOf(last, 'beat'),
        remembers: numberOf(isRemembered, 'beat') !== 0,
      }
    },
    async believed(name, asking) {
      const meeting = nodes.ready(name)
      // together: of two that fail nobody would hear of the second one
      const [answer] = meeting === undefined ? [await asking] : await Promise.all([asking, meeting])
      // it may be another one now
      const again = nodes.ready(name)
      if (again !== undefined) await again
      return answer
    },
    async database() {
      // a Cluster has but one, and a client of our own stays where it is
      if (client.cluster || client.shared !== true) return undefined
      try {
        return /\bdb=(\d+)/.exec(textOf(await send(['CLIENT', 'INFO'], names.log), 'client'))?.[1]
      } catch (error) {
        if (says(error, UNTOLD)) return undefined
        throw error
      }
    },
    meetAgain: nodes.meetAgain,
    onAnswer(heard) {
      hearing.add(heard)
      return () => void hearing.delete(heard)
    },
    connection: () => client.lossesOf && `${nodes.of(names.log).address} ${client.lossesOf(names.log)}`,
    history: {
      of: (key) => nodes.historyOf(placeOf(key)),
      isLost: nodes.isLost,
    },
    nodes: {
      all: nodes.addresses,
      of: (key) => nodes.of(placeOf(key)).address,
      async probe(address) {
        const node = nodes.at(address)
        if (node !== undefined) await nodes.meet(node)
      },
    },
  }
}
