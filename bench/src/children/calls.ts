/** What can be asked of the other side. */
export type Verbs = Readonly<Record<string, (...args: never[]) => unknown>>

/** One end of the channel between a process and its child. */
export interface End {
  send?(message: object, done: (error: Error | null) => void): unknown
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
}

/** Asks the other side for one of its verbs. Rejects with what it threw, or when the channel closes. */
export type Call = (verb: string, ...args: readonly unknown[]) => Promise<unknown>

type Message =
  | { readonly ask: number; readonly verb: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: unknown }

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Calls between two processes, in both directions. */
export function calls(end: End, verbs: Verbs): Call {
  const waiting = new Map<number, Waiting>()
  let asked = 0

  async function answerTo(ask: number, verb: string, args: readonly unknown[]): Promise<void> {
    let message: Message
    try {
      const run = verbs[verb]
      if (run === undefined) throw new Error(`nobody knows how to ${verb}`)
      message = { answer: ask, value: await run(...(args as never[])) }
    } catch (error) {
      message = { answer: ask, error: plain(error) }
    }
    // the other side may be gone by now
    end.send?.(message, () => {})
  }

  end.on('message', (received) => {
    const message = received as Message
    if ('ask' in message) return void answerTo(message.ask, message.verb, message.args)
    const caller = waiting.get(message.answer)
    waiting.delete(message.answer)
    if ('error' in message) caller?.reject(message.error)
    else caller?.resolve(message.value)
  })
  end.on('disconnect', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process is gone'))
    waiting.clear()
  })

  return (verb, ...args) =>
    new Promise((resolve, reject) => {
      const ask = asked++
      waiting.set(ask, { resolve, reject })
      const failed = (error: Error | null): void => void (error !== null && reject(error))
      if (end.send === undefined) failed(new Error('the process is gone'))
      else end.send({ ask, verb, args } satisfies Message, failed)
    })
}

/** Only what every process can clone. */
function plain(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const copy = new Error(error.message)
  copy.name = error.name
  return copy
}
