import type { Script } from './script.ts'
import { NOW, script } from './script.ts'
import { BYTES_OF } from './text-bytes.ts'

/*
 * KEYS of all of these: the entry and its fence, in one slot.
 *
 * Entry, a string: createdAt and freshUntil in 16 digits each, then the envelope.
 * Fence, a hash: g the fence · o the owner of the lease · u the lease ends · x a load that came to nothing is remembered until
 *   t who took the fence · w somebody waits · c who committed last · k what they were answered
 *
 * A fence has two parts, with a dot between them. Whoever takes it or uses it up hands on the first one, which only an
 * invalidation ends: a load that is to commit must find both as they were, a value that was set only the first.
 *
 * Something that is no string or no hash was not written by us and counts as nothing.
 */

const FENCE = `
local function fields(...)
  local found = redis.pcall('HMGET', KEYS[2], ...)
  if not found.err then return found end
  redis.call('UNLINK', KEYS[2])
  return {}
end
`

const HEAD = `
local function head(entry)
  local found = redis.pcall('GETRANGE', entry or KEYS[1], 0, 31)
  if type(found) == 'string' and #found == 32 then return tonumber(string.sub(found, 17)) end
end
`

/** ARGV: mode, owner, lease, what makes a new fence unlike all others, life of the fence. */
export const OPEN: Script = script(`${NOW}${FENCE}${HEAD}
local mode, owner, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
if mode == 'load' then
  local fresh = head()
  if fresh and fresh > now then return {now, 'filled', redis.call('GET', KEYS[1])} end
end
local fence = fields('g', 'o', 'u', 'x', 't', 'w')
if not fence[1] or (mode == 'take' and fence[5] ~= owner) then
  redis.call('UNLINK', KEYS[2])
  local line = fence[1] and string.match(fence[1], '^[^.]*') or ARGV[4] .. '-' .. moment
  local made = line .. '.' .. ARGV[4] .. '-' .. moment
  redis.call('HSET', KEYS[2], 'g', made)
  if mode == 'take' then redis.call('HSET', KEYS[2], 't', owner) end
  if fence[6] then redis.call('HSET', KEYS[2], 'w', 1) end
  fence = {made}
end
redis.call('PEXPIRE', KEYS[2], ARGV[5])
if lease == 0 then return {now, 'granted', fence[1]} end
local till = tonumber(fence[3] or 0)
if fence[2] and fence[2] ~= owner and till > now then return {now, 'held', till - now} end
if tonumber(fence[4] or 0) > now then return {now, 'failed', fence[1]} end
redis.call('HSET', KEYS[2], 'o', owner, 'u', now + lease)
return {now, 'granted', fence[1]}
`)

/**
 * ARGV: owner, fence, envelope, age, ttl, keep (empty: for ever), the next fence, life of what is left of this one, `put` for
 * a value that was set. Answers 0 when the fence was gone, else 1, and 2 more when the bus is to be told, and 4 more when
 * somebody waits.
 */
const COMMIT_LUA = `${NOW}${FENCE}
local fence = fields('g', 'c', 'k', 't', 'w')
if fence[2] == ARGV[1] then return {now, tonumber(fence[3])} end
local line = fence[1] and string.match(fence[1], '^[^.]*')
local isPut = ARGV[9] == 'put'
if isPut and line ~= string.match(ARGV[2], '^[^.]*') then return {now, 0} end
if not isPut and fence[1] ~= ARGV[2] then return {now, 0} end
local created = now - ARGV[4]
local head = string.format('%016.0f%016.0f', created, math.min(created + ARGV[5], 9e15))
if ARGV[6] == '' then
  redis.call('SET', KEYS[1], head .. envelope)
else
  redis.call('SET', KEYS[1], head .. envelope, 'PX', math.max(ARGV[6] - ARGV[4], 1))
end
local answer = 1
if fence[4] or isPut then answer = answer + 2 end
if fence[5] then answer = answer + 4 end
redis.call('UNLINK', KEYS[2])
redis.call('HSET', KEYS[2], 'g', line .. '.' .. ARGV[7], 'c', ARGV[1], 'k', answer)
redis.call('PEXPIRE', KEYS[2], ARGV[8])
return {now, answer}
`

export const COMMIT: Script = script(`local envelope = ARGV[3]${COMMIT_LUA}`)

/** The same with the envelope as `textOfBytes` makes it. */
export const COMMIT_TEXT: Script = script(`${BYTES_OF}
local envelope = bytesOf(ARGV[3])${COMMIT_LUA}`)

/** ARGV: owner, lease, life of the fence. */
export const RENEW: Script = script(`${NOW}${FENCE}
if fields('o')[1] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'u', now + ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
`)

/** ARGV: owner, how long it is remembered that the load came to nothing, or 0. Answers 1 when somebody waits. */
export const RELEASE: Script = script(`${NOW}${FENCE}
local fence = fields('o', 'w')
if fence[1] ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[2], 'o', 'u', 'w')
if ARGV[2] ~= '0' then redis.call('HSET', KEYS[2], 'x', now + ARGV[2]) end
return fence[2] and 1 or 0
`)

/** Answers how long the lease runs, and has those who end it told that somebody waits. */
export const WATCH: Script = script(`${NOW}${FENCE}
local left = tonumber(fields('u')[1] or 0) - now
if left <= 0 then return 0 end
redis.call('HSET', KEYS[2], 'w', 1)
return left
`)

/**
 * KEYS: any number of entries, each with its fence. Fences go first: what frees memory is allowed when memory is full, and
 * once something was written the rest is allowed too.
 */
export const EXPIRE: Script = script(`${NOW}${HEAD}
for n = 2, #KEYS, 2 do redis.call('UNLINK', KEYS[n]) end
for n = 1, #KEYS, 2 do
  local fresh = head(KEYS[n])
  if fresh and fresh > now then redis.call('SETRANGE', KEYS[n], 16, string.format('%016.0f', now)) end
end
return 1
`)

/** ARGV: ttl, keep (empty: for ever). What was made stale meanwhile stays so. */
export const TOUCH: Script = script(`${NOW}${HEAD}
local fresh = head()
if not fresh or fresh <= now then return 0 end
if ARGV[2] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
redis.call('SETRANGE', KEYS[1], 16, string.format('%016.0f', math.min(now + ARGV[1], 9e15)))
return 1
`)
