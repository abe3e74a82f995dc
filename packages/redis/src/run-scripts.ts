import type { RedisClient } from './redis-client.ts'
import type { Script } from './script.ts'

/** Runs a script on the node of its first key, or of another name. */
export type RunScript = (
  script: Script,
  keys: readonly string[],
  args: readonly (string | number | Uint8Array)[],
  routing?: string,
) => Promise<unknown>

async function shaOf(script: Script): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(script.lua))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const isUnknown = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT')

/** Sends the name of a script, and its source to a server that does not know it yet. */
export function createRunScript(client: Pick<RedisClient, 'send'>): RunScript {
  return async (script, keys, args, routing = keys[0] ?? '') => {
    script.sha ??= await shaOf(script)
    const command: [string, ...(string | Uint8Array)[]] = ['EVALSHA', script.sha, String(keys.length), ...keys]
    for (const arg of args) command.push(typeof arg === 'number' ? String(arg) : arg)
    try {
      return await client.send(command, routing)
    } catch (error) {
      if (!isUnknown(error)) throw error
      const [, , ...rest] = command
      return client.send(['EVAL', script.lua, ...rest], routing)
    }
  }
}
