import type { Script } from './script.ts'
import { NOW, script } from './script.ts'

/*
 * KEYS[1] of all of these: the log, a hash in the slot of the tags. It has e, an epoch that is new whenever the hash
 * was lost; i, how many times tags were invalidated; m, how many messages were sent. KEYS[2] and on: tags.
 */

/** ARGV[1]: what makes a new epoch unlike all others. */
const LOG = `${NOW}
local epoch = redis.pcall('HGET', KEYS[1], 'e')
if type(epoch) == 'table' then
  redis.call('UNLINK', KEYS[1])
  epoch = false
end
if not epoch then
  epoch = ARGV[1] .. '-' .. moment
  redis.call('HSET', KEYS[1], 'e', epoch)
end
`

/** ARGV[2]: PUBLISH or SPUBLISH, ARGV[3]: the channel, ARGV[4]: what to tell. In one step with the number of it. */
const TELL = `
local number = redis.call('HINCRBY', KEYS[1], 'm', 1)
redis.call(ARGV[2], ARGV[3], epoch .. ' ' .. number .. ' ' .. ARGV[4])
`

/** What is no string was not written by us and counts as nothing. */
const ID = `
local function idOf(key)
  local id = redis.pcall('GET', key)
  if type(id) ~= 'table' then return id end
  redis.call('UNLINK', key)
  return false
end
`

/** Changes nothing. Once a script has written, Redis no longer refuses the rest of it for want of memory. */
const WHEN_FULL = `redis.call('PERSIST', KEYS[1])`

/** Answers the time, the epoch and how many messages were sent. */
export const BEAT: Script = script(`${LOG}
return {now, epoch, tonumber(redis.call('HGET', KEYS[1], 'm') or 0)}
`)

export const PUBLISH: Script = script(`${WHEN_FULL}${LOG}${TELL}
return 1
`)

export const INVALIDATE_TAGS: Script = script(`
for n = 2, #KEYS do redis.call('UNLINK', KEYS[n]) end
${WHEN_FULL}${LOG}
redis.call('HINCRBY', KEYS[1], 'i', 1)
${TELL}
return 1
`)

/** Changes what follows the dot of each id. */
export const EXPIRE_TAGS: Script = script(`${WHEN_FULL}${LOG}${ID}
local mark = epoch .. '-' .. redis.call('HINCRBY', KEYS[1], 'i', 1)
for n = 2, #KEYS do
  local id = idOf(KEYS[n])
  if id then redis.call('SET', KEYS[n], string.match(id, '^[^.]*') .. '.' .. mark, 'KEEPTTL') end
end
${TELL}
return 1
`)

/**
 * ARGV[2]: milliseconds to keep the ids (empty: for ever), ARGV[3]: a mark or empty, ARGV[4]: what makes new ids unlike
 * all others. Answers the mark, then an id for each tag, empty where it cannot be proved unchanged since ARGV[3].
 *
 * What follows the dot of an id is the mark of when it was made or changed. A tag without an id may have been
 * invalidated at any time, so it counts as unchanged only if no tag was.
 */
export const CAPTURE: Script = script(`${LOG}${ID}
local count = tonumber(redis.call('HGET', KEYS[1], 'i') or 0)
local mark = epoch .. '-' .. count
local since = ARGV[3]
local first, last = string.match(since, '^(.*)-(%d+)$')
local reply = {mark}
for n = 2, #KEYS do
  local id = idOf(KEYS[n])
  local proved = since == '' or since == mark
  if id then
    local made, at = string.match(id, '%.(.*)-(%d+)$')
    proved = proved or (first == epoch and made == epoch and tonumber(at) <= tonumber(last))
    local left = redis.call('PTTL', KEYS[n])
    if ARGV[2] == '' then
      if left >= 0 then redis.call('PERSIST', KEYS[n]) end
    elseif left >= 0 and left < tonumber(ARGV[2]) then
      redis.call('PEXPIRE', KEYS[n], ARGV[2])
    end
  else
    id = ARGV[4] .. n .. '-' .. moment .. '.' .. mark
    if ARGV[2] == '' then redis.call('SET', KEYS[n], id) else redis.call('SET', KEYS[n], id, 'PX', ARGV[2]) end
  end
  reply[n] = proved and id or ''
end
return reply
`)
