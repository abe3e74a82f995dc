/** For what goes wrong after a write has happened: it must not look as if it had not. */
export const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error))
