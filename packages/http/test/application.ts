import type { Handled, HandlerRun, Incoming, UnkeyedInput } from '../src/index.ts'
import { incomingOf, outgoingOf, requestFor, responseOf } from '../src/index.ts'
import type { Reading } from './serve.ts'
import { ORIGIN, readingOf, serve, settled } from './serve.ts'

export type Options = Parameters<typeof serve>[1]

export interface Front {
  /** Who asks, by what stands in front of the cache. */
  readonly who?: string
  readonly headers?: Record<string, string>
  readonly incoming?: Partial<Incoming>
}

export type Handle = (how: HandlerRun, who: string | undefined, request: Request) => Response | Promise<Response>

export const TTL = { ttl: '1m', staleWhileRevalidate: 0 } as const

/** An application with something in front of a cached handler. */
export function application(
  handle: Handle,
  options: Options = TTL,
  later?: (who: string | undefined) => Handled['addedLater'],
) {
  const inputs: UnkeyedInput[] = []
  const { onUnkeyedInput: _own, cdn, ...route } = options as { onUnkeyedInput?: unknown; cdn?: 'fastly' } & typeof TTL
  const served = serve(() => new Response(''), {
    ...(cdn && { cdn }),
    onUnkeyedInput: (input) => void inputs.push(input),
  })
  const responses = served.responses.route<Request>(route)
  let runs = 0

  async function ask(target: string, { who, headers = {}, incoming: over = {} }: Front = {}): Promise<Reading> {
    const request = new Request(`${ORIGIN}${target}`, { headers })
    const incoming = { ...incomingOf(request), ...over }
    const plan = responses.plan(incoming, request)
    if (plan.kind === 'pass') throw new Error(`passed: ${plan.marksFor([]).at(-1)?.[1]}`)
    const run = async (how: HandlerRun): Promise<Handled> => {
      runs++
      const handled = outgoingOf(await handle(how, who, requestFor(request, how)))
      const addedLater = later?.(who)
      return addedLater === undefined ? handled : { ...handled, addedLater }
    }
    const refresh = (how: HandlerRun): Promise<Handled> => run(how)
    const outgoing = plan.kind === 'hit' ? plan.outgoing : await plan.answer({ incoming, run, refresh })
    const reading = await readingOf(responseOf(outgoing))
    await settled()
    return reading
  }

  return { ...served, ask, inputs, runs: () => runs }
}

/** A handler that answers what stands under a path, as its framework would tell. */
export const reading =
  (path: string): Handle =>
  (how, who) => {
    how.noteInput?.(path)
    return new Response(`for ${who}`)
  }
