import type { RedisCommand } from '@shelflife/redis'

import type { IoredisCommander } from './ioredis-connection.ts'

type Word = string | Buffer
type Send = (this: unknown, ...args: Word[]) => Promise<unknown>

/** ioredis would store a Uint8Array as the text `1,2,3`. */
const toWord = (argument: string | Uint8Array): Word =>
  typeof argument === 'string' || Buffer.isBuffer(argument)
    ? argument
    : Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength)

/** ioredis leaves the arguments on its errors; they are values, and nobody wants them in a log. */
function withoutArguments(error: unknown): never {
  if (error instanceof Error && 'command' in error) delete error.command
  throw error
}

/** Each of them once for all clients: they find their client in `this`. */
const commands = new Map<string, Send>()

/**
 * Not `callBuffer`, which loses the name of the command on a client with `enableAutoPipelining` (ioredis 6.0.0). What
 * `createBuiltinCommand` makes is sent at once there, so the order of commands holds and no command waits for a
 * pipeline.
 *
 * In capitals ioredis does not look for a way to change the reply, and sends reads to the master whatever `scaleReads`
 * says: a replica may still have what was invalidated.
 */
function commandOf(client: IoredisCommander, name: string): Send {
  const known = commands.get(name)
  if (known !== undefined) return known
  const made = client.createBuiltinCommand(name.toUpperCase()).buffer as Send
  commands.set(name, made)
  return made
}

/** Sends a command and leaves strings in the reply as bytes. */
export function sendCommand(client: IoredisCommander, [name, ...args]: RedisCommand): Promise<unknown> {
  for (let i = 0; i < args.length; i++) args[i] = toWord(args[i] as Word)
  return commandOf(client, name)
    .apply(client, args as Word[])
    .then(undefined, withoutArguments)
}
