/** What is known of a client that a package made for itself, while it opens and later. */
export interface Readiness {
  /**
   * What a command waits for before the client was ready or failed for the first time; nothing is queued for a server
   * that cannot be reached, so the first command would fail although the server is there.
   */
  beginning(): Promise<void> | undefined
  /** Why the client is not ready, such as a refused connection or a wrong password. */
  failure(): Error | undefined
  /** To be called when the client is ready for commands. */
  succeed(): void
  /** To be called with every error of the client. */
  fail(error: Error): void
}

/** @example const readiness = createReadiness(() => client.isReady) */
export function createReadiness(isReady: () => boolean): Readiness {
  let begin = (): void => {}
  let failure: Error | undefined
  let beginning: Promise<void> | undefined = new Promise((resolve) => {
    begin = () => {
      beginning = undefined
      resolve()
    }
  })

  return {
    beginning: () => beginning,
    failure: () => (isReady() ? undefined : failure),
    succeed() {
      failure = undefined
      begin()
    },
    fail(error) {
      failure = error
      begin()
    },
  }
}
