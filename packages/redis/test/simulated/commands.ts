import type { Clock } from '@shelflife/core'
import type { Keyspace } from './keyspace.ts'
import type { Reply } from './reply.ts'
import { RedisError, bytesOf, integerOf, textOf } from './reply.ts'

/** What a command may use. */
export interface Node {
  readonly space: Keyspace
  readonly clock: Clock
  /** Microseconds since the clock was last moved on: no two commands are carried out at the same time. */
  tick(): number
  publish(channel: string, payload: Uint8Array, isSharded: boolean): number
}

type Args = readonly Uint8Array[]

interface Command {
  /** How many arguments there are at least. */
  readonly least: number
  /** Which of them are keys. Default: the first. */
  keys?(args: Args): Args
  run(node: Node, args: Args): Reply
}

const NO_BYTES = new Uint8Array()
const at = (args: Args, i: number): Uint8Array => args[i] ?? NO_BYTES
const nameOf = (args: Args): string => textOf(at(args, 0))
const none = (): Args => []
const all = (args: Args): Args => args
const number = (value: number): Uint8Array => bytesOf(String(value))

function set({ space }: Node, args: Args): Reply {
  const name = nameOf(args)
  const option = textOf(at(args, 2)).toUpperCase()
  if (args.length > 2 && option !== 'PX' && option !== 'KEEPTTL') throw new RedisError('ERR syntax error')
  if (args.length !== { PX: 4, KEEPTTL: 3, '': 2 }[option]) throw new RedisError('ERR syntax error')
  const life = option === 'PX' ? integerOf(at(args, 3)) : Infinity
  if (life <= 0) throw new RedisError("ERR invalid expire time in 'set' command")
  space.put(name, at(args, 1), option === 'KEEPTTL' ? (space.left(name) ?? Infinity) : life)
  return 'OK'
}

function setRange({ space }: Node, args: Args): Reply {
  const [name, offset, part] = [nameOf(args), integerOf(at(args, 1)), at(args, 2)]
  const before = space.string(name) ?? NO_BYTES
  if (part.length === 0) return before.length
  const after = new Uint8Array(Math.max(before.length, offset + part.length))
  after.set(before)
  after.set(part, offset)
  space.put(name, after, space.left(name) ?? Infinity)
  return after.length
}

function setFields({ space }: Node, args: Args): Reply {
  if (args.length % 2 === 0) throw new RedisError("ERR wrong number of arguments for 'hset' command")
  const name = nameOf(args)
  const hash = new Map(space.hash(name))
  const before = hash.size
  for (let i = 1; i < args.length; i += 2) hash.set(textOf(at(args, i)), at(args, i + 1))
  space.put(name, hash, space.left(name) ?? Infinity)
  return hash.size - before
}

function dropFields({ space }: Node, args: Args): Reply {
  const name = nameOf(args)
  const hash = new Map(space.hash(name))
  const dropped = args.slice(1).filter((field) => hash.delete(textOf(field))).length
  if (hash.size === 0) space.remove(name)
  else if (dropped > 0) space.put(name, hash, space.left(name) ?? Infinity)
  return dropped
}

function increment(node: Node, [name = NO_BYTES, field = NO_BYTES, by = NO_BYTES]: Args): Reply {
  const added = integerOf(by)
  const found = node.space.hash(textOf(name))?.get(textOf(field))
  if (found !== undefined && !/^-?\d+$/.test(textOf(found))) throw new RedisError('ERR hash value is not an integer')
  const sum = Number(textOf(found ?? number(0))) + added
  setFields(node, [name, field, number(sum)])
  return sum
}

function expire({ space }: Node, args: Args): Reply {
  const [name, life] = [nameOf(args), integerOf(at(args, 1))]
  if (!space.has(name)) return 0
  if (life <= 0) space.remove(name)
  else space.keep(name, life)
  return 1
}

function persist({ space }: Node, args: Args): Reply {
  const left = space.left(nameOf(args)) ?? Infinity
  if (left === Infinity) return 0
  space.keep(nameOf(args), Infinity)
  return 1
}

function time({ clock, tick }: Node): Reply {
  const now = clock.now()
  // numbers of the Lua that stands in for Redis's have 32 bits
  if (now < 0 || now > 1e9) throw new RangeError(`the simulated server cannot count to ${now}`)
  return [number(Math.floor(now / 1000)), number(Math.floor((now % 1000) * 1000) + tick())]
}

const publishing = (isSharded: boolean): Command => ({
  least: 2,
  keys: isSharded ? (args) => args.slice(0, 1) : none,
  run: (node, args) => node.publish(nameOf(args), at(args, 1), isSharded),
})

/** The commands that the store sends and its scripts call, as Redis 7 carries them out. */
const COMMANDS: Readonly<Record<string, Command>> = {
  GET: { least: 1, run: ({ space }, args) => space.string(nameOf(args)) ?? null },
  MGET: {
    least: 1,
    keys: all,
    run: ({ space }, args) => args.map(textOf).map((name) => (isString(space, name) ? space.string(name)! : null)),
  },
  SET: { least: 2, run: set },
  UNLINK: { least: 1, keys: all, run: ({ space }, args) => args.filter((name) => space.remove(textOf(name))).length },
  GETRANGE: {
    least: 3,
    run({ space }, args) {
      const [first, last] = [integerOf(at(args, 1)), integerOf(at(args, 2))]
      if (first < 0 || last < 0) throw new RangeError('the simulated server counts from the start only')
      return (space.string(nameOf(args)) ?? NO_BYTES).slice(first, last + 1)
    },
  },
  SETRANGE: { least: 3, run: setRange },
  HGET: { least: 2, run: ({ space }, args) => space.hash(nameOf(args))?.get(textOf(at(args, 1))) ?? null },
  HMGET: {
    least: 2,
    run({ space }, args) {
      const hash = space.hash(nameOf(args))
      return args.slice(1).map((field) => hash?.get(textOf(field)) ?? null)
    },
  },
  HSET: { least: 3, run: setFields },
  HDEL: { least: 2, run: dropFields },
  HINCRBY: { least: 3, run: increment },
  INFO: { least: 0, keys: none, run: () => bytesOf('run_id:1\r\n') },
  CLUSTER: { least: 1, keys: none, run: () => bytesOf('cluster_state:ok\r\n') },
  PEXPIRE: { least: 2, run: expire },
  PERSIST: { least: 1, run: persist },
  PTTL: {
    least: 1,
    run({ space }, args) {
      const left = space.left(nameOf(args))
      if (left === undefined) return -2
      return left === Infinity ? -1 : Math.ceil(left)
    },
  },
  TIME: { least: 0, keys: none, run: time },
  PUBLISH: publishing(false),
  SPUBLISH: publishing(true),
}

function isString(space: Keyspace, name: string): boolean {
  try {
    return space.string(name) !== undefined
  } catch {
    return false
  }
}

/** Finds a command and the keys that it names. */
export function commandOf(name: Uint8Array, args: Args): { readonly command: Command; readonly keys: Args } {
  const text = textOf(name).toUpperCase()
  const command = Object.hasOwn(COMMANDS, text) ? COMMANDS[text] : undefined
  if (command === undefined) throw new RedisError(`ERR unknown command '${text}'`)
  if (args.length < command.least) {
    throw new RedisError(`ERR wrong number of arguments for '${text.toLowerCase()}' command`)
  }
  return { command, keys: command.keys?.(args) ?? args.slice(0, 1) }
}
