import { generateEtag } from './entity-tag.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf, valueOf } from './header-list.ts'

/**
 * What the headers of a response lack once its body is there: its length, and an `ETag` made of its bytes where the handler
 * gave none. `incomplete`: another length was announced.
 */
export async function bodyFields(
  status: number,
  headers: HeaderList,
  body: Uint8Array<ArrayBuffer>,
): Promise<HeaderList | 'incomplete'> {
  const announced = valueOf(headers, 'content-length')
  if (announced !== undefined && announced !== String(body.length)) return 'incomplete'
  const fields: [string, string][] = []
  // RFC 9110 §8.6: not with a 204
  if (announced === undefined && status !== 204) fields.push(['Content-Length', String(body.length)])
  if (status === 200 && linesOf(headers, 'etag').length === 0) fields.push(['ETag', await generateEtag(body)])
  return fields
}
