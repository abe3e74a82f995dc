import type { Clock } from '@shelflife/core'

import type { Lineage, Origin } from './lineages.ts'
import { createLineages, UNKNOWN } from './lineages.ts'
import type { RedisClient } from './redis-client.ts'
import type { RecordingNode } from './replies.ts'
import type { ServerClock } from './server-clock.ts'
import { createServerClock } from './server-clock.ts'
import type { SharedQuestion } from './shared-question.ts'
import { sharedQuestion } from './shared-question.ts'
import { createSlots } from './slots.ts'

/** A server. */
interface RedisNode {
  /** Where it is; empty where there is one only, or it is not known. */
  readonly address: string
  /** One of the names that live there, for whoever asks it something. */
  name: string
  clock: ServerClock
  /** Why it takes no writes: what it has may be old, as those who write go elsewhere. */
  refusal: unknown
}

/** The servers that names live on, as the client knows them, and what they have said about themselves. */
export interface Nodes {
  of(name: string): RedisNode
  at(address: string): RedisNode | undefined
  addresses(): readonly string[]
  /** Resolves when a name can be believed: its server has said what time it is and which one it is, and takes writes. */
  ready(name: string): Promise<void> | undefined
  /** Asks a server anew. */
  meet(node: RedisNode): Promise<void>
  /** The same, but for one that has answered a moment ago. */
  meetAgain(name: string): Promise<void>
  /** What has to be known of a server to believe what is under a name. */
  recording(name: string): RecordingNode
  /** What stays the same as long as the server of a name remembers what it has answered. */
  historyOf(name: string): string
  isLost(history: string): boolean
}

export interface NodesInput {
  readonly client: RedisClient
  readonly clock: Clock
  /** Asks the server of a name, and rejects where that takes no writes. */
  introduce(name: string): Promise<Origin>
}

interface Known extends RedisNode {
  /** Which run of the server has introduced itself, and how many connections to it had ended by then. */
  run: string | undefined
  losses: number
  elections: string
  lineage: Lineage
  readonly question: SharedQuestion
  askedAt: number
}

/** Of one that has answered: what is not believed is loaded, and there may be much of it. */
const PAUSE = 250
const CONNECTION = '#'
/** Until it is the one that is there now. */
const MEETINGS = 4

export function createNodes({ client, clock, introduce }: NodesInput): Nodes {
  const all = new Map<string, Known>()
  const lineages = createLineages()
  const slots = createSlots<Known>(client, lineages)

  const addressOf = (name: string): string => client.nodeOf?.(name) ?? ''
  const addresses = (): readonly string[] => client.nodes?.() ?? ['']
  const isHome = (node: Known): boolean => addressOf(node.name) === node.address
  const lossesOf = (node: Known): number => (isHome(node) ? (client.lossesOf?.(node.name) ?? 0) : node.losses)

  function of(name: string): Known {
    const address = addressOf(name)
    const node = all.get(address) ?? add(address, name)
    node.name = name
    return node
  }

  function add(address: string, name: string): Known {
    const node: Known = {
      address,
      name,
      clock: createServerClock(),
      refusal: undefined,
      run: undefined,
      losses: 0,
      elections: '',
      lineage: UNKNOWN,
      question: sharedQuestion(clock, () => ask(node)),
      askedAt: -Infinity,
    }
    all.set(address, node)
    return node
  }

  const hasMet = (node: Known): boolean => node.run !== undefined && node.losses === lossesOf(node)

  const metAs = ({ run, elections, lineage }: Known) => (run === undefined ? undefined : { run, elections, lineage })

  async function ask(node: Known): Promise<void> {
    const [losses, sentAt] = [lossesOf(node), clock.now()]
    node.askedAt = sentAt
    const origin = await introduce(node.name)
    // another one has answered
    if (!isHome(node)) return
    const { now, run, elections } = origin
    // of one server alone its log says whether anything was lost
    const lineage = client.cluster ? lineages.find(origin, metAs(node)) : UNKNOWN
    if (run !== node.run) node.clock = createServerClock()
    node.clock.learn(now, sentAt, clock.now())
    // the connection on which it answered may be a newer one
    Object.assign(node, { run, losses, elections, lineage, refusal: undefined })
  }

  const meet = ({ question }: Known): Promise<void> => question.ask()

  const isBelieved = (node: Known): boolean => hasMet(node) && node.refusal === undefined && node.clock.isKnown()

  /** What is on its way may be answered by who was there before. */
  async function meetThose(name: string): Promise<void> {
    for (let i = 0; i < MEETINGS; i++) {
      const node = of(name)
      if (isBelieved(node) && slots.isSettled(name, node)) return
      const losses = lossesOf(node)
      await meet(node).catch((error: unknown) => {
        // one that the name has left has no say in it, and what was lost with a connection is asked again
        if (of(name) === node && lossesOf(node) === losses) throw error
      })
      if (of(name) === node && isBelieved(node)) slots.settle(name, node)
    }
    throw new Error('the connection to the server was lost again and again')
  }

  /** Nobody waits for it: an error shows at whatever is asked next. */
  const meetLater = (node: Known): void => void meet(node).catch(() => {})

  /** One that has not introduced itself is the same as long as the connection is. */
  function historyOf(node: Known): string {
    const run = hasMet(node) ? node.run : undefined
    return `${node.address} ${run || `${CONNECTION}${lossesOf(node)}`}`
  }

  return {
    of,
    at: (address) => all.get(address),
    addresses,
    ready(name) {
      const node = of(name)
      if (!isBelieved(node) || !slots.isSettled(name, node)) return meetThose(name)
      if (node.clock.isDue(clock.now())) meetLater(node)
      return undefined
    },
    meet: (node) => meet(node as Known),
    async meetAgain(name) {
      const node = of(name)
      if (node.question.isUnderWay() || clock.now() - node.askedAt >= PAUSE) await meet(node)
    },
    recording(name) {
      const node = of(name)
      return { clock: node.clock, notBefore: slots.notBefore(name, node) }
    },
    historyOf(name) {
      const node = of(name)
      if (!hasMet(node)) meetLater(node)
      return historyOf(node)
    },
    isLost(history) {
      const only = client.cluster ? undefined : all.get('')
      // each command asks, and hardly ever has anything changed
      if (only !== undefined && history === historyOf(only)) return false
      const space = history.indexOf(' ')
      const [address, run] = [history.slice(0, space), history.slice(space + 1)]
      const node = all.get(address)
      const there = addresses()
      if (node === undefined || (there.length > 0 && !there.includes(address))) return true
      if (run.startsWith(CONNECTION)) return run !== `${CONNECTION}${lossesOf(node)}`
      if (hasMet(node)) return run !== node.run
      meetLater(node)
      return false
    },
  }
}
