import { serveStore } from '@shelflife/conformance/child'
import { ioredisStore } from '@shelflife/ioredis'

/** The store of `argv[2]`, for the tests of several processes. */
await serveStore(() => ioredisStore(String(process.argv[2])))
