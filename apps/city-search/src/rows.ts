import type { SQLInputValue, StatementSync } from 'node:sqlite'

/** Runs a statement. Only whoever wrote its SQL knows what its rows look like, so the type is theirs to name. */
export function rows<Row>(statement: StatementSync, parameters: Record<string, SQLInputValue> = {}): readonly Row[] {
  return statement.all(parameters) as unknown as readonly Row[]
}
