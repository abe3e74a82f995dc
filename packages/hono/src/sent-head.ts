import type { HeaderList } from '@shelflife/http'
import type { Context } from 'hono'

import type { ResponseProperty } from './replaced-response.ts'

/** The response of Node, over HTTP/1.1 or 2. */
interface NodeResponse {
  writeHead(...args: unknown[]): unknown
  getHeaders(): Readonly<Record<string, unknown>>
}

const linesOf = (fields: Readonly<Record<string, unknown>>): HeaderList =>
  Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((line): [string, string] => [name.toLowerCase(), String(line)]),
  )

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function nodeResponseOf({ env }: Context): NodeResponse | undefined {
  const { outgoing } = (env ?? {}) as { readonly outgoing?: Partial<NodeResponse> }
  return typeof outgoing?.writeHead === 'function' ? (outgoing as NodeResponse) : undefined
}

/** Node is told the whole head, by whoever sends it. */
function written(response: NodeResponse): Promise<HeaderList> {
  const { writeHead } = response
  return new Promise((resolve) => {
    response.writeHead = (...args) => {
      response.writeHead = writeHead
      try {
        return writeHead.apply(response, args)
      } finally {
        // after it: one that was put in front of it adds fields at this moment
        resolve([...linesOf(args.find(isFields) ?? {}), ...linesOf(response.getHeaders())])
      }
    }
  })
}

/**
 * Hono has no word for the end of the middlewares. But when all of them are through, and only then, its dispatcher asks in
 * one go whether there is a response, and for the response.
 */
function lookedAt(c: Context): Promise<HeaderList> {
  const response = Object.getOwnPropertyDescriptor(c, 'res') as ResponseProperty & PropertyDescriptor
  const { header } = c as { readonly header: (...args: readonly unknown[]) => void }
  let { finalized } = c
  let isAsked = false
  return new Promise((resolve) => {
    Object.defineProperties(c, {
      finalized: {
        get() {
          isAsked = true
          queueMicrotask(() => (isAsked = false))
          return finalized
        },
        set(value: boolean) {
          finalized = value
        },
      },
      header: {
        value(...args: readonly unknown[]) {
          // it asks as well
          header(...args)
          isAsked = false
        },
      },
      res: {
        get() {
          if (isAsked) queueMicrotask(() => resolve([...response.get.call(c).headers]))
          return response.get.call(c)
        },
        set(value: Response) {
          isAsked = false
          response.set.call(c, value)
        },
      },
    })
  })
}

/** The fields of a response when nothing adds to them any more. Pending for ever where something throws what is no `Error`. */
export function sentHead(c: Context): Promise<HeaderList> {
  const response = nodeResponseOf(c)
  return response === undefined ? lookedAt(c) : written(response)
}
