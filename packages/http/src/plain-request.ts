/** What the cache goes by beside the URI and what is declared or in `Vary`, in lower case. */
const GOVERNING: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'content-length',
  'cookie',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'pragma',
  'range',
  'transfer-encoding',
  'upgrade',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
])

/**
 * Whether a request asks for nothing but the response to its URI, as most do: a GET without conditions, ranges,
 * directives, credentials or anything else that the cache goes by. One look at all names is several times as fast as
 * asking for each of these.
 *
 * @param headers by their names in lower case
 * @example isPlainRequest('GET', { host: 'example.com', accept: '*' }) // true
 */
export function isPlainRequest(method: string, headers: Readonly<Record<string, unknown>>): boolean {
  if (method !== 'GET') return false
  for (const name in headers) if (GOVERNING.has(name)) return false
  return true
}
