import { serveStore } from '@shelflife/conformance/child'
import { sqliteStore } from '@shelflife/sqlite'

/** The store in the file `argv[2]`, for the tests of several processes. A busy machine is not taken for a file that is locked. */
await serveStore(() => sqliteStore(String(process.argv[2]), { budget: { read: '10s', write: '10s' } }))
