import type { RedisServer } from '@shelflife/test-servers'

/** In the names of all keys that belong to one entry. */
const ID = 'user-'
/** So few at a time that Redis answers others meanwhile within any library's patience. */
const CHUNK = 2000
const BASE = 'base-of:'

/** The same for Lua, where a hyphen in a pattern means something. */
const ID_PATTERN = 'user%-'

/** Copies what one entry consists of, under the name of another one. */
const COPY_KEYS = `
for i = 2, #ARGV do
  redis.call('COPY', ARGV[i], (string.gsub(ARGV[i], '${ID_PATTERN}', '${ID}' .. ARGV[1] .. '-', 1)))
end`

/** Lists of entries get the copies too. */
const COPY_MEMBERS = `
for _, member in ipairs(redis.call('SMEMBERS', '${BASE}' .. ARGV[2])) do
  redis.call('SADD', ARGV[2], (string.gsub(member, '${ID_PATTERN}', '${ID}' .. ARGV[1] .. '-', 1)))
end`

/**
 * Makes every entry on Redis so many, whatever the library keeps of one: keys with its id in their names, and sets with
 * the id in their members. Through the library it would take minutes.
 */
export async function multiplyEntries(redis: RedisServer, times: number): Promise<void> {
  const keys = (await redis.command('KEYS', '*')) as readonly string[]
  const own = keys.filter((key) => key.includes(ID))
  const lists: string[] = []
  for (const key of keys.filter((one) => !one.includes(ID))) {
    if ((await redis.command('TYPE', key)) !== 'set') continue
    lists.push(key)
    await redis.command('COPY', key, `${BASE}${key}`)
  }
  for (let copy = 1; copy < times; copy++) {
    for (let from = 0; from < own.length; from += CHUNK) {
      await redis.command('EVAL', COPY_KEYS, 0, copy, ...own.slice(from, from + CHUNK))
    }
    for (const list of lists) await redis.command('EVAL', COPY_MEMBERS, 0, copy, list)
  }
  for (const list of lists) await redis.command('UNLINK', `${BASE}${list}`)
}
