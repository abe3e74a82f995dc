import { vi } from 'vitest'

/** Milliseconds, as `expect.poll` has: against hanging, since a machine that is busy is no failure. */
const PATIENCE = 10_000

const { waitFor } = vi

/** vitest has no setting for it, and one second of its own. */
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: PATIENCE, ...options })
