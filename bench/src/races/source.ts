/** A load that waits. */
interface Load {
  /** Which arguments it was asked with. */
  readonly args: readonly unknown[]
  /** Lets it end with what was there when it began. */
  release(): void
}

/** What the caches are in front of: answers loads of all processes with what it has when they begin. */
export interface Source {
  value: unknown
  /** How long a load takes, in milliseconds. */
  delay: number
  /** Whether loads that begin now wait to be released. */
  isHeld: boolean
  /** What loads that begin now fail with. */
  failure: Error | undefined
  /** How many loads have begun. */
  loads(): number
  /** The next load that is held, or one that nobody has taken yet. */
  held(): Promise<Load>
  /** What processes call. */
  load(args: readonly unknown[]): Promise<unknown>
}

export function createSource(value: unknown): Source {
  const untaken: Load[] = []
  const takers: ((load: Load) => void)[] = []
  let count = 0

  function hold(args: readonly unknown[]): Promise<void> {
    return new Promise((release) => {
      const load = { args, release }
      const taker = takers.shift()
      if (taker === undefined) untaken.push(load)
      else taker(load)
    })
  }

  const source: Source = {
    value,
    delay: 0,
    isHeld: false,
    failure: undefined,
    loads: () => count,
    held() {
      const load = untaken.shift()
      return load === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(load)
    },
    async load(args) {
      count++
      const { value: found, failure, delay } = source
      if (source.isHeld) await hold(args)
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
      if (failure !== undefined) throw failure
      return found
    },
  }
  return source
}
