/** What the tests use of a Lua in JavaScript. Strings are bytes. */
declare module 'fengari' {
  export interface State {
    readonly state: unique symbol
  }
  type Native = (state: State) => number

  export const lua: {
    readonly LUA_OK: number
    readonly LUA_REGISTRYINDEX: number
    readonly LUA_TNIL: number
    readonly LUA_TBOOLEAN: number
    readonly LUA_TNUMBER: number
    readonly LUA_TSTRING: number
    readonly LUA_TTABLE: number
    lua_createtable(state: State, items: number, fields: number): void
    lua_error(state: State): never
    lua_gettop(state: State): number
    lua_isinteger(state: State, index: number): boolean
    lua_pcall(state: State, args: number, results: number, handler: number): number
    lua_pop(state: State, count: number): void
    lua_pushboolean(state: State, value: boolean): void
    lua_pushinteger(state: State, value: number): void
    lua_pushjsfunction(state: State, run: Native): void
    lua_pushlstring(state: State, bytes: Uint8Array, length: number): void
    lua_pushnil(state: State): void
    lua_pushnumber(state: State, value: number): void
    lua_rawget(state: State, index: number): number
    lua_rawgeti(state: State, index: number, n: number): number
    lua_rawset(state: State, index: number): void
    lua_rawseti(state: State, index: number, n: number): void
    lua_setglobal(state: State, name: Uint8Array): void
    lua_settop(state: State, index: number): void
    lua_toboolean(state: State, index: number): boolean
    lua_tonumber(state: State, index: number): number
    lua_tostring(state: State, index: number): Uint8Array | null
    lua_type(state: State, index: number): number
    lua_pushglobaltable(state: State): void
  }
  export const lauxlib: {
    luaL_loadbuffer(state: State, source: Uint8Array, length: number, name: Uint8Array): number
    luaL_newstate(): State
    luaL_ref(state: State, table: number): number
  }
  export const lualib: {
    luaL_openlibs(state: State): void
  }
}
