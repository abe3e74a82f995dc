import type { State } from 'fengari'
import { lauxlib, lua, lualib } from 'fengari'
import type { Reply } from './reply.ts'
import { RedisError, bytesOf, textOf } from './reply.ts'

/** Carries out a command on behalf of a script. */
type Call = (words: readonly Uint8Array[]) => Reply

interface ScriptRun {
  readonly sha: string
  readonly source: string
  readonly keys: readonly Uint8Array[]
  readonly args: readonly Uint8Array[]
  readonly call: Call
}

/** Runs the scripts of the store in a Lua of their own, with `redis.call` and `redis.pcall`. */
export interface Lua {
  run(script: ScriptRun): Reply
}

/** As Redis has them: whatever a script keeps must be local. */
const NO_GLOBALS = `
setmetatable(_G, {
  __newindex = function(_, name) error('script tried to set the global ' .. name) end,
  __index = function(_, name) error('script tried to read the global ' .. name) end,
})
`

/** Numbers go to commands as C writes them with %.17g. */
function wordOf(state: State, index: number): Uint8Array {
  const type = lua.lua_type(state, index)
  if (type === lua.LUA_TSTRING) return (lua.lua_tostring(state, index) as Uint8Array).slice()
  if (type !== lua.LUA_TNUMBER) throw new RedisError('ERR Lua redis lib command arguments must be strings or integers')
  const value = lua.lua_tonumber(state, index)
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return bytesOf(String(value))
  return bytesOf(value.toPrecision(17).replace(/0+$/, ''))
}

function pushText(state: State, text: string | Uint8Array): void {
  const bytes = bytesOf(text)
  lua.lua_pushlstring(state, bytes, bytes.length)
}

function pushField(state: State, name: string, text: string): void {
  lua.lua_createtable(state, 0, 1)
  pushText(state, name)
  pushText(state, text)
  lua.lua_rawset(state, -3)
}

function push(state: State, reply: Reply): void {
  if (reply === null) lua.lua_pushboolean(state, false)
  else if (typeof reply === 'number') lua.lua_pushinteger(state, reply)
  else if (typeof reply === 'string') pushField(state, 'ok', reply)
  else if (reply instanceof Uint8Array) pushText(state, reply)
  else pushList(state, reply)
}

function pushList(state: State, items: readonly Reply[]): void {
  lua.lua_createtable(state, items.length, 0)
  for (const [i, item] of items.entries()) {
    push(state, item)
    lua.lua_rawseti(state, -2, i + 1)
  }
}

function field(state: State, name: string): Uint8Array | undefined {
  pushText(state, name)
  const isText = lua.lua_rawget(state, -2) === lua.LUA_TSTRING
  const found = isText ? (lua.lua_tostring(state, -1) as Uint8Array).slice() : undefined
  lua.lua_pop(state, 1)
  return found
}

/** What is on top of the stack, as a reply. */
function take(state: State): Reply {
  const type = lua.lua_type(state, -1)
  if (type === lua.LUA_TSTRING) return (lua.lua_tostring(state, -1) as Uint8Array).slice()
  if (type === lua.LUA_TNUMBER) return Math.trunc(lua.lua_tonumber(state, -1))
  if (type === lua.LUA_TBOOLEAN) return lua.lua_toboolean(state, -1) ? 1 : null
  if (type !== lua.LUA_TTABLE) return null
  const [error, status] = [field(state, 'err'), field(state, 'ok')]
  if (error !== undefined) throw new RedisError(textOf(error))
  if (status !== undefined) return textOf(status)
  const items: Reply[] = []
  for (let i = 1; lua.lua_rawgeti(state, -1, i) !== lua.LUA_TNIL; i++) {
    items.push(take(state))
    lua.lua_pop(state, 1)
  }
  lua.lua_pop(state, 1)
  return items
}

export function createLua(): Lua {
  const state = lauxlib.luaL_newstate()
  const compiled = new Map<string, number>()
  let call: Call = () => null
  /** What went wrong in the simulation itself, which no script may catch. */
  let broken: unknown

  const calling = (isProtected: boolean) => (): number => {
    const words = Array.from({ length: lua.lua_gettop(state) }, (_, i) => i + 1)
    try {
      push(state, call(words.map((index) => wordOf(state, index))))
      return 1
    } catch (error) {
      if (!(error instanceof RedisError)) broken ??= error
      pushField(state, 'err', error instanceof Error ? error.message : String(error))
      return isProtected && broken === undefined ? 1 : lua.lua_error(state)
    }
  }

  function load(source: string, name: string): void {
    const bytes = bytesOf(source)
    const isLoaded = lauxlib.luaL_loadbuffer(state, bytes, bytes.length, bytesOf(`@${name}`)) === lua.LUA_OK
    if (!isLoaded) throw new RedisError(`ERR Error compiling script: ${String(take(state))}`)
  }

  function loadCompiled({ sha, source }: ScriptRun): void {
    if (!compiled.has(sha)) {
      load(source, sha)
      compiled.set(sha, lauxlib.luaL_ref(state, lua.LUA_REGISTRYINDEX))
    }
    lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, compiled.get(sha) as number)
  }

  function define(name: string, words: readonly Uint8Array[]): void {
    lua.lua_pushglobaltable(state)
    pushText(state, name)
    pushList(state, words)
    lua.lua_rawset(state, -3)
    lua.lua_pop(state, 1)
  }

  lualib.luaL_openlibs(state)
  lua.lua_createtable(state, 0, 2)
  for (const [name, isProtected] of [['call', false] as const, ['pcall', true] as const]) {
    pushText(state, name)
    lua.lua_pushjsfunction(state, calling(isProtected))
    lua.lua_rawset(state, -3)
  }
  lua.lua_setglobal(state, bytesOf('redis'))
  load(NO_GLOBALS, 'globals')
  lua.lua_pcall(state, 0, 0, 0)

  return {
    run(script) {
      ;[call, broken] = [script.call, undefined]
      define('KEYS', script.keys)
      define('ARGV', script.args)
      loadCompiled(script)
      try {
        const isDone = lua.lua_pcall(state, 0, 1, 0) === lua.LUA_OK
        if (broken !== undefined) throw broken
        const reply = take(state)
        if (isDone) return reply
        throw new RedisError(`ERR Error running script: ${textOf(reply as Uint8Array)}`)
      } finally {
        lua.lua_settop(state, 0)
      }
    },
  }
}
