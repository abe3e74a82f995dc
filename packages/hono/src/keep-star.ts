import type { Context } from 'hono'

import type { ResponseProperty } from './replaced-response.ts'

type Method = (name: string, ...rest: readonly unknown[]) => unknown

const exceptVary =
  (object: object, change: Method): Method =>
  (name, ...rest) =>
    String(name).toLowerCase() === 'vary' ? undefined : Reflect.apply(change, object, [name, ...rest])

const CHANGES = ['append', 'set', 'delete'] as const

/** The same headers, whose `Vary` stays. */
function kept(headers: Headers): Headers {
  if (Object.hasOwn(headers, 'append')) return headers
  const changes = CHANGES.map((name) => [name, { value: exceptVary(headers, headers[name] as Method) }] as const)
  return Object.defineProperties(headers, Object.fromEntries(changes))
}

const seen = new WeakSet<Response>()

/** The same response. Its headers are only made where somebody asks for them: servers send what they were made of. */
function withKept(response: Response): Response {
  if (seen.has(response)) return response
  seen.add(response)
  const prototype = Object.getPrototypeOf(response) as object
  const get = (): Headers => kept(Reflect.get(prototype, 'headers', response) as Headers)
  return Object.defineProperty(response, 'headers', { get, configurable: true })
}

const propertyOf = (c: Context): ResponseProperty =>
  (Object.getOwnPropertyDescriptor(c, 'res') ??
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(c), 'res')) as PropertyDescriptor & ResponseProperty

/**
 * From now on the response of a context, which says `Vary: *`, says nothing else there, whatever adds to it in front: caches
 * behind heed it only where it stands alone.
 */
export function keepStar(c: Context): void {
  const { header } = c as unknown as { readonly header: Method }
  const { get, set } = propertyOf(c)
  Object.defineProperties(c, {
    header: { value: exceptVary(c, header), configurable: true },
    res: {
      get: () => withKept(get.call(c)),
      set(response: Response | undefined) {
        set.call(c, response)
      },
      configurable: true,
    },
  })
}
