import type { ServerResponse } from 'node:http'

/** A method that changes a head, and what Node calls that in its error. */
const CHANGES = { setHeader: 'set', appendHeader: 'append', removeHeader: 'remove' } as const

/** What Node throws at whoever changes a head that is out. */
export const headersSent = (verb: string): Error =>
  Object.assign(new Error(`Cannot ${verb} headers after they are sent to the client`), {
    code: 'ERR_HTTP_HEADERS_SENT',
  })

interface Sent {
  /** Whether the handler has written its head, and nobody else asks now. */
  isSent(): boolean
  /** Whether what is changed is of no response that goes out. Default: never. */
  isInVain?(): boolean
}

/** Methods for `overlay` by which a handler changes its head: once it is written they throw, whether it has gone out or not. */
export function headMethods(res: ServerResponse, { isSent, isInVain = () => false }: Sent): PropertyDescriptorMap {
  const methods = Object.entries(CHANGES).map(([name, verb]) => {
    const before = res[name as keyof typeof CHANGES] as (...args: readonly unknown[]) => unknown
    function change(...args: readonly unknown[]): unknown {
      if (isSent()) throw headersSent(verb)
      return isInVain() ? res : Reflect.apply(before, res, args)
    }
    return [name, { value: change }]
  })
  return Object.fromEntries(methods) as PropertyDescriptorMap
}
