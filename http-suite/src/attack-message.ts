/** A request as handlers see it. Each part is read through the accessor of the framework, and only when it is asked for. */
export interface AttackRequest {
  readonly method: string
  /** Path and query as the framework gives them. */
  readonly url: string
  /** A header by its name in lower case. */
  header(name: string): string | undefined
  /** The first value of a parameter of the query; what is no text as JSON. */
  query(name: string): string | undefined
}

/** What a handler answers. One that throws throws out of the handler of the framework. */
export interface AttackReply {
  /** Default 200. */
  readonly status?: number
  /** Lines in order. Default: none. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** A stream may pause, and errors where the origin dies: then the connection has to break off. Default: no body. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
  /** For `cacheTags` of the framework. */
  readonly tags?: readonly string[]
}

/** What handlers know beside the request. */
export interface AttackContext {
  /** How many requests this route was run for, this one included. */
  readonly run: number
  /** What handlers leave for others. */
  readonly memory: Map<string, number>
}
