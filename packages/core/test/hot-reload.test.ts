import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cache, Cached } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { expect, onTestFinished, test } from 'vitest'
import { createViteServer } from 'vitest/node'

interface Module {
  readonly getUser: Cached<[id: number], string>
}

/** As the README has it, but for what makes the cache. */
const source = (version: number): string => `
globalThis.cache ??= globalThis.makeCache()
const users = globalThis.cache.namespace('users')
export const getUser = users.cached(async (id) => 'user ' + id + ' of ${version}', { name: 'user', ttl: '1m' })
`

/** A folder with a module, and how many caches it has made. */
async function project() {
  const folder = await mkdtemp(join(import.meta.dirname, '.reloaded-'))
  const host = globalThis as { cache?: Cache; makeCache?: () => Cache }
  let made = 0
  host.makeCache = () => {
    made++
    return createCache({ namespace: 'shop', store: memoryStore() })
  }
  onTestFinished(async () => {
    await host.cache?.close()
    delete host.cache
    delete host.makeCache
    await rm(folder, { recursive: true })
  })
  const file = join(folder, 'users.js')
  const write = (version: number) => writeFile(file, source(version))
  await write(1)
  return { folder, file, write, made: () => made }
}

test('a module that Vite runs again after each edit wraps its functions on the one cache there is', async () => {
  const { folder, file, write, made } = await project()
  const server = await createViteServer({ root: folder, configFile: false, logLevel: 'silent', server: { ws: false } })
  onTestFinished(() => server.close())
  const load = async () => (await server.ssrLoadModule('/users.js')) as unknown as Module
  const first = await load()
  expect(await first.getUser(1)).toBe('user 1 of 1')
  for (let version = 2; version <= 10; version++) {
    await write(version)
    for (const module of server.moduleGraph.getModulesByFile(file) ?? []) server.moduleGraph.invalidateModule(module)
    const { getUser } = await load()
    expect(getUser).not.toBe(first.getUser)
    // what was loaded before is still there; what is loaded now is loaded by what was edited
    expect(await getUser(1)).toBe('user 1 of 1')
    expect(await getUser(version)).toBe(`user ${version} of ${version}`)
  }
  await first.getUser.invalidate(1)
  expect(await (await load()).getUser(1)).toBe('user 1 of 10')
  expect(made()).toBe(1)
})

test('a module that is imported again under another address does so too', async () => {
  const { file, made } = await project()
  for (let run = 0; run < 10; run++) {
    const { getUser } = (await import(/* @vite-ignore */ `${file}?run=${run}`)) as Module
    expect(await getUser(1)).toBe('user 1 of 1')
  }
  expect(made()).toBe(1)
})

test('two functions under one name are an error that names what to do where a module is run again', () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  cache.cached(async () => 1, { name: 'user' })
  expect(() => cache.cached(async () => 2, { name: 'user' })).toThrow(
    "name 'user' is in use; wrap the function once, or name the two apart; a module that is run again wraps on cache.namespace()",
  )
})
