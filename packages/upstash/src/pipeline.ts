import { replyOf } from './base64.ts'
import { bodyOf } from './body-of.ts'
import { meaningOf, Refusal } from './failures.ts'

export interface PipelineInput {
  readonly url: string
  readonly token: string
  readonly signal: () => AbortSignal
  /** Something of an answer has come. */
  readonly heard: () => void
  /** How far the service said it was. */
  readonly sync: { token(): string | undefined; noted(token: string): void }
}

type Answer = { readonly result: unknown } | { readonly error: string }

/** Of each command its reply, or what became of it. */
export type Replies = readonly ({ readonly reply: unknown } | { readonly error: Error })[]

const decoder = new TextDecoder()

const isAnswer = (one: unknown): one is Answer =>
  typeof one === 'object' && one !== null && ('result' in one || 'error' in one)

/** Sends many commands in one request; they are carried out in this order, not as one, and answered each for itself. */
export function createPipeline({ url, token, signal, heard, sync }: PipelineInput) {
  return async (commands: readonly (readonly string[])[]): Promise<Replies> => {
    const response = await fetch(`${url.replace(/\/$/, '')}/pipeline`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Upstash-Encoding': 'base64',
        'Upstash-Sync-Token': sync.token() ?? '',
      },
      body: JSON.stringify(commands),
      signal: signal(),
      // some frameworks keep answers to POST
      cache: 'no-store',
    })
    if (!response.ok) throw new Refusal(response.status, await response.text())
    sync.noted(response.headers.get('upstash-sync-token') ?? '')
    const answers: unknown = JSON.parse(decoder.decode(await bodyOf(response, heard)))
    if (!Array.isArray(answers) || answers.length !== commands.length || !answers.every(isAnswer)) {
      throw new TypeError('the answer to a pipeline is no list of as many replies')
    }
    return answers.map((one) =>
      'error' in one ? { error: meaningOf(String(one.error)) } : { reply: replyOf(one.result) },
    )
  }
}
