import type { CaptureFailure } from './captured-body.ts'
import { captureBody } from './captured-body.ts'
import type { HeaderList } from './header-list.ts'
import { valueOf } from './header-list.ts'
import type { Outgoing } from './outgoing.ts'

/** All bytes of a body, or why they cannot be had; and whether the client has it already. */
export interface TakenBody {
  readonly body: Uint8Array<ArrayBuffer> | CaptureFailure
  readonly isHandedOn: boolean
}

export interface ToTake {
  /** As the head says it is. */
  readonly headers: HeaderList
  /** How many bytes are kept. */
  readonly most: number
  /** Ends the capture when it takes too long. */
  readonly signal: AbortSignal
  /** Gives the client a body that it reads meanwhile, or one that is not kept. */
  readonly handOn: (live: Outgoing['body'], refusal?: CaptureFailure) => void
}

/** As many as it takes to read a stream of one chunk that is there. */
const TURNS = 16

/** What a promise comes to if that needs nothing to be waited for. */
async function atOnce<T>(promise: Promise<T>): Promise<T | undefined> {
  let result: T | undefined
  void promise.then((value) => {
    result = value
  })
  for (let turn = 0; turn < TURNS && result === undefined; turn++) await Promise.resolve()
  return result
}

/**
 * Takes the body of a response to keep it. A stream goes to the client while it is read, unless it is whole at once, as
 * those of `new Response(text)` are: then it can be sent with what all of it makes known.
 */
export async function takeBody(body: Outgoing['body'], { headers, most, signal, handOn }: ToTake): Promise<TakenBody> {
  const announced = Number(valueOf(headers, 'content-length'))
  const size = body instanceof ReadableStream ? announced : (body?.length ?? 0)
  if (size > most) {
    handOn(body, 'too-large')
    return { body: 'too-large', isHandedOn: true }
  }
  if (!(body instanceof ReadableStream)) {
    return { body: (body as Uint8Array<ArrayBuffer> | null) ?? new Uint8Array(), isHandedOn: false }
  }
  // what `fetch` has decoded has the length from before
  const isEncoded = valueOf(headers, 'content-encoding') !== undefined
  const captured = captureBody(body, most, isEncoded ? undefined : announced)
  const whole = await atOnce(captured.whole)
  if (typeof whole === 'object') return { body: whole, isHandedOn: false }
  signal.addEventListener('abort', captured.release, { once: true })
  handOn(captured.live, whole)
  return { body: await captured.whole, isHandedOn: true }
}
