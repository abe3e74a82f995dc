import type { Script } from './script.ts'
import { NOW, script } from './script.ts'

/*
 * KEYS[1] of all of these: the log, a hash in the slot of the tags. It has e, an epoch that is new whenever the hash
 * was lost; i, how many times tags were invalidated; m, how many messages were sent; l0, l1 …, the ids of the latest of
 * them. KEYS[2] and on: tags.
 */

/**
 * Of so many messages the log remembers the ids: more than are sent between the recovery of a server and the first
 * heartbeat after it, when all that waited for it is sent.
 */
const REMEMBERED = 1000

/** ARGV[1]: what makes a new epoch, and the id of a message, unlike all others. */
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

/**
 * Ids of messages, which begin with their numbers. Count and epoch alone do not tell a history from another one of the
 * same length. The beginning has an id too, and what a release without ids has sent is given one afterwards.
 *
 * `remembers` is 0 for the id of a message that was never sent in this history, 1 also for none, and where it is too long
 * ago to tell.
 */
const CHAIN = `
local function idOfMessage(number)
  local id = redis.call('HGET', KEYS[1], 'l' .. number % ${REMEMBERED})
  return id and string.match(id, '^' .. number .. '%-') and id
end
local function nameMessage(number)
  local id = number .. '-' .. ARGV[1] .. '-' .. moment
  redis.call('HSET', KEYS[1], 'l' .. number % ${REMEMBERED}, id)
  return id
end
local sent = tonumber(redis.call('HGET', KEYS[1], 'm') or 0)
local last = idOfMessage(sent) or nameMessage(sent)
local function remembers(id)
  local number = tonumber(string.match(id, '^%d+'))
  local isTold = number and number <= sent
  if not number or (isTold and sent - number >= ${REMEMBERED}) then return 1 end
  return isTold and idOfMessage(number) == id and 1 or 0
end
`

/**
 * ARGV[2]: PUBLISH or SPUBLISH, ARGV[3]: the channel, ARGV[4]: what to tell, a list in JSON. In one step with the number
 * of it, its id and the id of the one before it; these come last, where a release that does not know them ignores them.
 * ARGV[5]: the id of a message that is known, or empty. Answers the epoch, the new id, and whether that is remembered.
 */
const TELL = `${CHAIN}
local isRemembered = remembers(ARGV[5])
local number = redis.call('HINCRBY', KEYS[1], 'm', 1)
local id = nameMessage(number)
local told = string.sub(ARGV[4], 1, -2) .. ',"' .. id .. '","' .. last .. '"]'
redis.call(ARGV[2], ARGV[3], epoch .. ' ' .. number .. ' ' .. told)
return {epoch, id, isRemembered}
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

/**
 * KEYS[1], if any: a name with nothing under it. Changes nothing, but is then refused where a write would be. Answers the time, and
 * where it may be told what is another one each time a server starts, and without a key how often it has asked the masters of
 * its Cluster since then to be made one, and of a master the ids of its data and of those before (`Origin`).
 */
export const PROBE: Script = script(`${NOW}
if KEYS[1] then redis.call('PERSIST', KEYS[1]) end
local function field(info, name)
  return type(info) == 'string' and string.match(info, name .. ':(%w+)') or ''
end
local run = field(redis.pcall('INFO', 'server'), 'run_id')
if KEYS[1] then return {now, run} end
local data = redis.pcall('INFO', 'replication')
if field(data, 'role') ~= 'master' then data = '' end
local elections = field(redis.pcall('CLUSTER', 'INFO'), 'auth%-req_sent')
return {now, run, elections, field(data, 'master_replid'), field(data, 'master_replid2')}
`)

/**
 * Is refused where a write would be: a server that takes none is not the one that others tell.
 *
 * ARGV[2]: the id of a message that is known, or empty. Answers the time, the epoch, how long ago it began, how many
 * messages were sent, the id of the last one, and whether the one that is known is remembered.
 */
export const BEAT: Script = script(`${WHEN_FULL}${LOG}${CHAIN}
local seconds, micros = string.match(epoch, '%-(%d+)%-(%d+)$')
local began = (seconds or 0) * 1000 + math.floor((micros or 0) / 1000)
return {now, epoch, now - began, sent, last, remembers(ARGV[2])}
`)

export const PUBLISH: Script = script(`${WHEN_FULL}${LOG}${TELL}`)

export const INVALIDATE_TAGS: Script = script(`
for n = 2, #KEYS do redis.call('UNLINK', KEYS[n]) end
${WHEN_FULL}${LOG}
redis.call('HINCRBY', KEYS[1], 'i', 1)
${TELL}`)

/** Changes what follows the dot of each id. */
export const EXPIRE_TAGS: Script = script(`${WHEN_FULL}${LOG}${ID}
local mark = epoch .. '-' .. redis.call('HINCRBY', KEYS[1], 'i', 1)
for n = 2, #KEYS do
  local id = idOf(KEYS[n])
  if id then redis.call('SET', KEYS[n], string.match(id, '^[^.]*') .. '.' .. mark, 'KEEPTTL') end
end
${TELL}`)

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
