import type { Decisions } from './decisions.ts'
import type { HeaderList } from './header-list.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'

/** How the handler is to see the request. */
export interface HandlerRun {
  /** Whether others may get what it answers. If not, it sees the request as it came, and nothing is noted. */
  readonly isShared: boolean
  /** Whether the handler must not see a header, by its name in lower case. */
  isHidden(name: string): boolean
  /**
   * Whether a header may be in a copy of the request that tells nothing of what is read, such as `fetch(request)` makes.
   * Absent: each may.
   */
  readonly mayCopy?: ((name: string) => boolean) | undefined
  /** Headers that it sees in the place of what was received. */
  readonly replaced: HeaderList
  /** The only cookies that it may see, in whatever form something in front has left them. `undefined`: all. */
  readonly cookies: readonly string[] | undefined
  /** Is told the name, in lower case, of each header that the handler reads. */
  readonly noteRead: ((name: string) => void) | undefined
  /**
   * Is told what the handler reads of what something in front of the cache has left for it, by the path under which the
   * handler finds it: `req.tenant`, `res.locals.user`, `c.var.lang`.
   */
  readonly noteInput: ((path: string) => void) | undefined
  /**
   * Called by a framework that goes on with an answer outside the async context in which it ran the handler, such as with
   * filters of errors: reads of that context count there as well, until what it returns is called.
   */
  readonly leaveContext?: (() => () => void) | undefined
  /**
   * The signal that a handler on web standards is to see in the place of its client's: it aborts with that, but not before
   * nobody else waits any more, or `maxFillTime` has passed. Absent: it sees the client's own.
   */
  readonly signalFor?: ((client: AbortSignal | undefined) => AbortSignal) | undefined
  /** What the handler decides on the way: tags, lifetime, not to store. */
  readonly decisions: Decisions
}

/** How a handler sees a request of which nothing is stored. */
export const AS_IT_CAME: Omit<HandlerRun, 'decisions'> = {
  isShared: false,
  isHidden: () => false,
  replaced: [],
  cookies: undefined,
  noteRead: undefined,
  noteInput: undefined,
}

/** What a handler answered. */
export interface Handled extends Outgoing {
  /**
   * Fields that were added to the head of the answer, or changed, after it was given to be sent: by what stands in front of
   * the cache, at the last moment. Resolves when the head has gone out, or never will; it must not reject. Absent: nobody
   * can do that.
   */
  readonly addedLater?: Promise<HeaderList>
}

/** One request as a framework hands it to the cache. */
export interface Exchange {
  readonly incoming: Incoming
  /**
   * Runs the handler for this request. Resolves when status and headers are known; rejects with what the handler
   * throws. Called once at most.
   */
  run(how: HandlerRun): Promise<Handled>
  /**
   * Runs the route anew, later and for nobody: without the client, as a request of its own that no header marks. Rejects
   * with `NotReached` where something in front of the handler answers. Absent where the framework cannot; then nothing is
   * refreshed in the background.
   */
  readonly refresh?: ((how: HandlerRun) => Promise<Handled>) | undefined
  /** Keeps alive what this request began, for others that wait for it and after its response, where a runtime would end it. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
  /** What the framework itself keeps in the async context of a request, such as the context of Hono: it is watched itself. */
  readonly context?: object | undefined
}

/** A refresh that something in front of the handler has answered, such as a guard: what is stored cannot be confirmed. */
export class NotReached extends Error {
  override readonly name = 'NotReached'

  constructor() {
    super('the refresh did not get to the handler')
  }

  /** Those of another copy of this package too. */
  static override [Symbol.hasInstance](value: unknown): value is NotReached {
    return value instanceof Error && value.name === 'NotReached'
  }
}
