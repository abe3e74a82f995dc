import { serveStore } from '@shelflife/conformance/child'
import { nodeRedisStore } from '@shelflife/node-redis'

/** The store of `argv[2]`, for the tests of several processes. */
await serveStore(() => nodeRedisStore(String(process.argv[2])))
