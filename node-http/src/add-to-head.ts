import type { HeaderList } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import type { HeadArguments } from './header-fields.ts'
import { fieldsIn, fieldsOf } from './header-fields.ts'

/** Puts a header back to what it was. */
function setBack(res: ServerResponse, name: string, value: ReturnType<ServerResponse['getHeader']>): void {
  if (value === undefined) res.removeHeader(name)
  else res.setHeader(name, value)
}

/**
 * Adds fields to a head when it is sent, behind those of the same name.
 *
 * @param added is given the fields that the head has until then
 */
export function addToHead(res: ServerResponse, added: (fields: HeaderList) => HeaderList): void {
  const { writeHead } = res
  const pass = (args: HeadArguments): ServerResponse => Reflect.apply(writeHead, res, args) as ServerResponse
  let isAdded = false

  function sent(args: HeadArguments): ServerResponse {
    const given = fieldsIn(args)
    const names = new Set(given.map(([name]) => name.toLowerCase()))
    const fields = added(fieldsOf(res, given))
    const before = fields.map(([name]) => [name, res.getHeader(name)] as const)
    const beside = fields.filter(([name]) => names.has(name.toLowerCase()))
    for (const [name, value] of fields) if (!names.has(name.toLowerCase())) res.appendHeader(name, value)
    const [status, message] = args
    const head = beside.length === 0 ? undefined : [...given, ...beside].flat()
    try {
      if (head === undefined) return pass(args)
      return pass(typeof message === 'string' ? [status, message, head] : [status, head])
    } catch (error) {
      for (const [name, value] of before) setBack(res, name, value)
      throw error
    }
  }

  res.writeHead = (...args: HeadArguments) => {
    if (isAdded) return pass(args)
    const response = sent(args)
    isAdded = true
    return response
  }
}
