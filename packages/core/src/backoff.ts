import type { Clock } from './clock.ts'
import type { Circuit } from './circuit.ts'
import { createCircuit } from './circuit.ts'

/** Spares a source that fails while old values can be served. A load that nothing can replace is never asked about. */
export interface Backoff {
  /** Whether a load has to wait, of this key or of anything with this name. One that need not has to begin now. */
  holds(key: string, name: string): boolean
  /** A load has failed that would have replaced something. */
  failed(key: string, name: string): void
  succeeded(key: string, name: string): void
}

interface Failing {
  readonly failures: number
  readonly until: number
}

const FIRST = 1000
const LONGEST = 30_000
/** Of keys and of what is known of them, roughly. */
const MOST_BYTES = 4 * 2 ** 20
const RECORD = 150
/** A longer key would drive out too many others; that of a name has to do. */
const LONGEST_KEY = 10_000

const sizeOf = (key: string): number => RECORD + 2 * key.length

/**
 * Of a key: doubles from 1 s to 30 s with each failure in a row, less up to a half at random. What failed longest ago is
 * forgotten when the keys take more than 4 MiB. Of a name: where nothing succeeds any more, one load now and then tells
 * when the source is back, however many keys there are.
 */
export function createBackoff(clock: Clock): Backoff {
  const keys = new Map<string, Failing>()
  /** Of names that have failed since they succeeded. */
  const circuits = new Map<string, Circuit>()
  let bytes = 0

  function forget(key: string): void {
    if (keys.delete(key)) bytes -= sizeOf(key)
  }

  function remember(key: string, failing: Failing): void {
    forget(key)
    if (key.length > LONGEST_KEY) return
    keys.set(key, failing)
    bytes += sizeOf(key)
    for (const oldest of keys.keys()) {
      if (bytes <= MOST_BYTES) break
      forget(oldest)
    }
  }

  function circuitOf(name: string): Circuit {
    const known = circuits.get(name)
    if (known !== undefined && !known.isOver()) return known
    const circuit = createCircuit(clock)
    circuits.set(name, circuit)
    return circuit
  }

  return {
    holds: (key, name) => clock.now() < (keys.get(key)?.until ?? 0) || circuits.get(name)?.holds() === true,
    failed(key, name) {
      const before = keys.get(key)?.failures ?? 0
      const circuit = circuitOf(name)
      // what keeps loads apart then is the circuit, and all are to be loaded soon when the source is well again
      const failures = circuit.isOpen() ? Math.max(before, 1) : before + 1
      const longest = circuit.isOpen() ? FIRST : Math.min(FIRST * 2 ** (failures - 1), LONGEST)
      // what is known to fail tells nothing about the others
      if (before === 0) circuit.failed()
      remember(key, { failures, until: clock.now() + longest * (1 - Math.random() / 2) })
    },
    succeeded(key, name) {
      forget(key)
      circuits.delete(name)
    },
  }
}
