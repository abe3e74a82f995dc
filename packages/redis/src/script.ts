/** A Lua script. It may be carried out any number of times for one request, so it has to be idempotent for its owner. */
export interface Script {
  readonly lua: string
  /** SHA-1 of the source, by which the server knows it. Computed once. */
  sha: string | undefined
}

export const script = (lua: string): Script => ({ lua, sha: undefined })

/**
 * `now`, milliseconds on the clock of the server, which is the only one that entries are stamped with, and `moment`, no
 * two of which are alike: a command may be carried out twice, and what it makes the second time must be something else.
 */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local moment = time[1] .. '-' .. time[2]
`
