import { DatabaseSync, StatementSync } from 'node:sqlite'

import { serveStore } from '@shelflife/conformance/child'
import { sqliteStore } from '@shelflife/sqlite'

/**
 * The store in the file `argv[2]`, every command of which is several steps: nothing begins or ends a transaction. Now and then the
 * machine has something else to do between two of them.
 */
const { prepare } = DatabaseSync.prototype
DatabaseSync.prototype.prepare = function withoutTransactions(sql) {
  return prepare.call(this, /^(BEGIN|COMMIT|ROLLBACK)/.test(sql) ? 'SELECT 1' : sql)
}

const { run } = StatementSync.prototype
const nobody = new Int32Array(new SharedArrayBuffer(4))
StatementSync.prototype.run = function laterNowAndThen(...values) {
  if (Math.random() < 0.05) Atomics.wait(nobody, 0, 0, 1)
  return Reflect.apply(run, this, values) as ReturnType<typeof run>
}

await serveStore(() => sqliteStore(String(process.argv[2]), { budget: { read: '10s', write: '10s' } }))
