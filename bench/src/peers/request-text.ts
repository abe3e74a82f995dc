/** What the handlers of all libraries answer with: everything in a request that makes its answer another one. */
export function requestText({ url, headers }: Request): string {
  const user = headers.get('authorization') ?? headers.get('cookie') ?? 'nobody'
  return `${user} ${new URL(url).search}`
}
