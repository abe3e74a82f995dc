import type { HeaderList } from '@shelflife/http'
import { isVary } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import type { HeadArguments } from './header-fields.ts'
import { fieldsIn, fieldsOf } from './header-fields.ts'
import { keepStar } from './keep-star.ts'

/** Puts a header back to what it was. */
function setBack(res: ServerResponse, name: string, value: ReturnType<ServerResponse['getHeader']>): void {
  if (value === undefined) res.removeHeader(name)
  else res.setHeader(name, value)
}

/**
 * Adds fields to a head when it is sent, behind those of the same name; `Vary` takes the place of what is there.
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
    const own = fields.some(isVary) ? given.filter((field) => !isVary(field)) : given
    const isBeside = (field: HeaderList[number]): boolean => names.has(field[0].toLowerCase()) && !isVary(field)
    const beside = fields.filter(isBeside)
    for (const field of fields) if (!isBeside(field)) res[isVary(field) ? 'setHeader' : 'appendHeader'](...field)
    const [status, message] = args
    const head = beside.length === 0 && own.length === given.length ? undefined : [...own, ...beside].flat()
    const letGo = fields.some(isVary) ? keepStar(res) : () => {}
    try {
      if (head === undefined) return pass(args)
      return pass(typeof message === 'string' ? [status, message, head] : [status, head])
    } catch (error) {
      letGo()
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
