/** The signal of a handler whose answer others may wait for: it must not end with the client that happened to ask. */
export interface LoadSignal {
  /** Made only where it is asked for. `client`: the signal of the request that it began with; `undefined` without one. */
  signalFor(this: void, client: AbortSignal | undefined): AbortSignal
  /** Nobody waits for the load any more: from now on the handler goes by its client alone. */
  end(this: void): void
}

/** Makes `target` abort when `source` does. */
function follow(target: AbortController, source: AbortSignal): void {
  const abort = (): void => target.abort(source.reason)
  if (source.aborted) abort()
  else source.addEventListener('abort', abort, { once: true })
}

/** @param load what aborts when the load has taken too long */
export function loadSignal(load: () => AbortSignal): LoadSignal {
  const waiting: (() => void)[] = []
  let isOver = false

  function end(): void {
    isOver = true
    for (const goOn of waiting.splice(0)) goOn()
  }

  return {
    end,
    signalFor(client) {
      if (client === undefined) return load()
      if (isOver) return client
      const controller = new AbortController()
      waiting.push(() => follow(controller, client))
      if (load().aborted) end()
      else load().addEventListener('abort', end, { once: true })
      return controller.signal
    },
  }
}

/** Waits for a signal. */
export const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
