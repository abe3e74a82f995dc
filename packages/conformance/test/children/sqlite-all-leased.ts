import { serveStore } from '@shelflife/conformance/child'
import { sqliteStore } from '@shelflife/sqlite'

/** The store in the file `argv[2]`, which gives nobody a lease. */
await serveStore(() => {
  const store = sqliteStore(String(process.argv[2]), { budget: { read: '10s', write: '10s' } })
  return {
    ...store,
    open: async (request) => (request.lease === 0 ? store.open(request) : { state: 'held', retryAfter: 1 }),
  }
})
