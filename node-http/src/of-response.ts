import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

import { isOfKind } from './as-set.ts'
import { inherited } from './inherited.ts'

const response = new ServerResponse(new IncomingMessage(new Socket()))

/** What every response has of Node. */
const OF_EVERY_RESPONSE: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(response),
  '_maxRequestsPerSocket',
  'locals',
  // told by itself
  'statusCode',
  // of compression and on-finished
  'flush',
  '__onFinished',
])

/** Who wraps a method changes what is sent, and not what it is made of. */
export function isWrapped(object: object, name: string | symbol): boolean {
  const above = inherited(object, name)
  if (above === undefined) return false
  if (!('value' in above)) return true
  const own = Object.getOwnPropertyDescriptor(object, name)
  if (own === undefined || ('value' in own && own.value === above.value)) return true
  return typeof above.value === 'function' && (!('value' in own) || typeof own.value === 'function')
}

/** Whether a property of a response of Node is there without anybody's doing. Its request it does not look at. */
export function isOfResponse(res: object, name: string | symbol): boolean {
  if (name === 'req') return true
  if (!OF_EVERY_RESPONSE.has(name)) return isWrapped(res, name)
  if (
    typeof name === 'symbol' ||
    name.startsWith('_') ||
    name === 'locals' ||
    name === 'statusCode' ||
    name === 'socket'
  )
    return true
  const own = Object.getOwnPropertyDescriptor(res, name)
  if (own === undefined || !('value' in own)) return true
  return isOfKind(own.value, name === 'flush' ? isOfResponse : Reflect.get(response, name))
}
