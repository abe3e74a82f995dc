import { createHash } from 'node:crypto'
import type { Clock } from '@shelflife/core'
import type { Node } from './commands.ts'
import { commandOf } from './commands.ts'
import { createKeyspace } from './keyspace.ts'
import { createLua } from './lua.ts'
import type { Reply } from './reply.ts'
import { RedisError, bytesOf, fromText, integerOf, textOf } from './reply.ts'

/** `old cluster`: from before 7.0, which cannot send messages to the nodes of one shard alone. */
export type Topology = 'standalone' | 'cluster' | 'old cluster'

type Words = readonly Uint8Array[]

/** Redis in this process, carrying out one command after the other. */
export interface SimulatedServer {
  readonly topology: Topology
  /** Carries out a command on the node that the key belongs to. Throws `RedisError` as the server would answer it. */
  execute(words: Words, key: Uint8Array): Reply
  /** Has what is published on a channel passed on, until the function that it returns is called. */
  subscribe(channel: string, isSharded: boolean, hear: (payload: string) => void): () => void
  /** What is stored, on all nodes. */
  names(): readonly string[]
  /** Makes room, as a server does that is short of memory. */
  evict(name: string): void
  /** How many names there are. */
  size(): number
  /** Remembers what is stored now. What it returns puts that back, as a restart from a snapshot. */
  snapshot(): () => void
}

export interface ServerInput {
  readonly clock: Clock
  readonly topology?: Topology
  /** Sources of scripts that it knows already. */
  readonly scripts?: readonly string[]
}

interface RunningNode extends Node {
  readonly scripts: Map<string, string>
}

const NODES = 2
const lua = createLua()
const shas = new Map<string, string>()

export function shaOf(source: string): string {
  const sha = shas.get(source) ?? createHash('sha1').update(source).digest('hex')
  shas.set(source, sha)
  return sha
}

/** What decides the slot of a name. */
function tagOf(name: Uint8Array): string {
  const text = textOf(name)
  const open = text.indexOf('{')
  const close = open < 0 ? -1 : text.indexOf('}', open)
  return close > open + 1 ? text.slice(open + 1, close) : text
}

function createTicks(clock: Clock): () => number {
  let at = Number.NaN
  let ticks = 0
  return () => {
    ticks = clock.now() === at ? (ticks + 1) % 1000 : 0
    at = clock.now()
    return ticks
  }
}

export function simulatedServer({ clock, topology = 'standalone', scripts = [] }: ServerInput): SimulatedServer {
  const isCluster = topology !== 'standalone'
  const subscribers = new Set<{ channel: string; isSharded: boolean; hear: (payload: string) => void }>()
  const nodes = Array.from({ length: isCluster ? NODES : 1 }, (): RunningNode => ({
    clock,
    tick: createTicks(clock),
    space: createKeyspace(clock),
    publish,
    scripts: new Map(scripts.map((source) => [shaOf(source), source])),
  }))

  function publish(channel: string, payload: Uint8Array, isSharded: boolean): number {
    const reached = [...subscribers].filter((one) => one.channel === channel && one.isSharded === isSharded)
    for (const { hear } of reached) hear(new TextDecoder().decode(payload))
    return reached.length
  }

  const nodeOf = (key: Uint8Array): RunningNode =>
    nodes[(createHash('sha1').update(tagOf(key)).digest()[0] as number) % nodes.length] as RunningNode

  /** A client that breaks this is broken; a real Cluster answers CROSSSLOT or MOVED. */
  function checkSlot(keys: Words, key: Uint8Array): void {
    const other = isCluster ? keys.find((one) => tagOf(one) !== tagOf(key)) : undefined
    if (other !== undefined) throw new Error(`${textOf(other)} is not in the slot of ${textOf(key)}`)
  }

  function runCommand(node: RunningNode, [name = new Uint8Array(), ...args]: Words, isAllowed: (keys: Words) => void) {
    const { command, keys } = commandOf(name, args)
    if (topology === 'old cluster' && textOf(name) === 'SPUBLISH')
      throw new RedisError("ERR unknown command 'SPUBLISH'")
    isAllowed(keys)
    return command.run(node, args)
  }

  function sourceOf(node: RunningNode, name: string, script: Uint8Array): { source: string; sha: string } {
    if (name === 'EVAL') {
      const source = new TextDecoder().decode(script)
      node.scripts.set(shaOf(source), source)
      return { source, sha: shaOf(source) }
    }
    const sha = textOf(script)
    const source = node.scripts.get(sha)
    if (source === undefined) throw new RedisError('NOSCRIPT No matching script. Please use EVAL.')
    return { source, sha }
  }

  function runScript(node: RunningNode, name: string, [script, count, ...rest]: Words, key: Uint8Array): Reply {
    if (script === undefined || count === undefined) throw new RedisError('ERR wrong number of arguments')
    const keys = rest.slice(0, integerOf(count))
    checkSlot(keys, key)
    const declared = new Set(keys.map(textOf))

    function checkDeclared(used: Words): void {
      const other = used.find((one) => !declared.has(textOf(one)) && tagOf(one) !== tagOf(keys[0] ?? one))
      if (other !== undefined) throw new Error(`a script uses ${textOf(other)} without declaring it`)
    }

    const call = (words: Words): Reply => runCommand(node, words, checkDeclared)
    return lua.run({ ...sourceOf(node, name, script), keys, args: rest.slice(keys.length), call })
  }

  return {
    topology,
    execute(words, key) {
      const name = textOf(words[0] ?? new Uint8Array()).toUpperCase()
      const node = nodeOf(key)
      if (name === 'EVAL' || name === 'EVALSHA') return runScript(node, name, words.slice(1), key)
      return runCommand(node, words, (keys) => checkSlot(keys, key))
    },
    subscribe(channel, isSharded, hear) {
      const subscriber = { channel: textOf(bytesOf(channel)), isSharded, hear }
      subscribers.add(subscriber)
      return () => void subscribers.delete(subscriber)
    },
    names: () => nodes.flatMap(({ space }) => space.names()),
    evict(name) {
      nodeOf(fromText(name)).space.remove(name)
    },
    size: () => nodes.reduce((sum, { space }) => sum + space.names().length, 0),
    snapshot() {
      const restores = nodes.map(({ space }) => space.snapshot())
      return () => {
        for (const restore of restores) restore()
      }
    },
  }
}
