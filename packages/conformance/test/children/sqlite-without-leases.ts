import { serveStore } from '@shelflife/conformance/child'
import { sqliteStore } from '@shelflife/sqlite'

/** The store in the file `argv[2]`, which gives everybody the lease that he asks for. */
await serveStore(() => {
  const store = sqliteStore(String(process.argv[2]), { budget: { read: '10s', write: '10s' } })
  return { ...store, open: (request) => store.open({ ...request, lease: 0 }) }
})
