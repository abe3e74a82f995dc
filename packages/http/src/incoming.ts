/** What of a request, beside its URI, chose the handler among several. */
export interface Selection {
  /** Tells the handlers apart. */
  readonly id: string
  /** The headers that it was chosen by, in lower case; `*` where nobody can say. */
  readonly by: readonly string[] | '*'
}

/** The path of something that was left for the handler, where its value counts with the value. */
export type Left = string | readonly [path: string, value: number]

/** A request, as light as a framework can make it: building a `Request` for every hit would cost more than the hit. */
export interface Incoming {
  /** In capital letters. */
  readonly method: string
  /** Whether it is certainly a GET without any header that the cache goes by; then it is asked for none. Default: false. */
  readonly isPlain?: boolean
  /** Whether it names two hosts, of which a handler may go by either: it is not looked up then. Default: false. */
  readonly isAmbiguous?: boolean
  /** `http` or `https`. */
  readonly scheme: string
  /** The host that the handler is told, as it was received: from `Host`, or from a proxy that the framework trusts. */
  readonly authority: string
  /** Path and query as they were received, never decoded. */
  readonly target: string
  /** What the handler sees in the place of `target`, where something in front has rewritten it. */
  readonly rewritten?: string | undefined
  /**
   * What something in front has left for the handler, by the paths that `noteInput` is told: that it is there for some
   * clients only tells responses apart, however a handler asks for it. The same for the same, in whatever order it was
   * left. Absent: nothing.
   */
  readonly left?: readonly Left[] | undefined
  /** Absent where the URI alone chooses the handler. */
  readonly selection?: Selection | undefined
  /** A header by its name in lower case; several lines joined with `, ` (`; ` for `cookie`). */
  header(name: string): string | undefined
}
