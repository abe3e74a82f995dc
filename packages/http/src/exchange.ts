import type { Decisions } from './decisions.ts'
import type { HeaderList } from './header-list.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'

/** How the handler is to see the request. */
export interface HandlerRun {
  /** Headers that the handler must not see, in lower case. */
  readonly hidden: readonly string[]
  /** Headers that it sees in the place of what was received. */
  readonly replaced: HeaderList
  /** Is told the name, in lower case, of each header that the handler reads. */
  readonly noteRead: ((name: string) => void) | undefined
  /** What the handler decides on the way: tags, lifetime, not to store. */
  readonly decisions: Decisions
}

/** One request as a framework hands it to the cache. */
export interface Exchange {
  readonly incoming: Incoming
  /**
   * Runs the handler for this request. Resolves when status and headers are known; rejects with what the handler
   * throws. Called once at most.
   */
  run(how: HandlerRun): Promise<Outgoing>
  /**
   * Runs the route anew, later and for nobody: without the client, as a request of its own that no header marks.
   * Absent where the framework cannot; then nothing is refreshed in the background.
   */
  readonly refresh?: ((how: HandlerRun) => Promise<Outgoing>) | undefined
  /** Keeps alive what this request began, for others that wait for it and after its response, where a runtime would end it. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}
