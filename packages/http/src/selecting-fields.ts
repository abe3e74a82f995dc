import type { Incoming } from './incoming.ts'
import type { HeaderList } from './header-list.ts'
import type { RoutePolicy } from './options.ts'
import { withVary } from './stored-headers.ts'

/**
 * The same fields, with a line of `Vary` for what selects the response of a request here, if it does not have that: whoever
 * keeps a copy has to know, whatever became of the request.
 */
export function withSelecting(
  fields: HeaderList,
  { headers, cookies = [] }: Pick<RoutePolicy, 'headers' | 'cookies'>,
  { selection }: Pick<Incoming, 'selection'>,
): HeaderList {
  const declared = cookies.length === 0 ? headers : [...headers, 'cookie']
  const chosenBy = selection === undefined || selection.by === '*' ? [] : selection.by
  return withVary(withVary(fields, declared), chosenBy)
}
