import { createCache } from '@shelflife/core'
import { sqliteStore } from '@shelflife/sqlite'

/** Asks a cache in the file `argv[2]` for something, prints it, and leaves the cache open. */
const [path = '', what] = process.argv.slice(2)

if (what === 'old') process.getBuiltinModule = () => undefined as never

async function load(): Promise<string> {
  await new Promise((resolve) => void setTimeout(resolve, 500))
  return `loaded by ${process.pid}`
}

try {
  // nothing but a lease decides when it is answered
  const store = sqliteStore(path, { budget: { read: '10s', write: '10s' } })
  const cache = createCache({ namespace: 'test', store })
  const value = await cache.cached(load, { name: what === 'wait' ? 'waits' : 'load' })()
  process.stdout.write(`${value}\n`)
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`)
}
