import { DatabaseSync } from 'node:sqlite'

import { serveStore } from '@shelflife/conformance/child'
import { sqliteStore } from '@shelflife/sqlite'

/** The store in the file `argv[2]`, every command of which is several steps: nothing begins or ends a transaction. */
const { prepare } = DatabaseSync.prototype
DatabaseSync.prototype.prepare = function withoutTransactions(sql) {
  return prepare.call(this, /^(BEGIN|COMMIT|ROLLBACK)/.test(sql) ? 'SELECT 1' : sql)
}

await serveStore(() => sqliteStore(String(process.argv[2]), { budget: { read: '10s', write: '10s' } }))
