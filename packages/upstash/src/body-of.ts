/** The bytes of an answer. Each part that comes is heard: a large one over a slow link is no service that is silent. */
export async function bodyOf(response: Response, heard: () => void): Promise<Uint8Array> {
  heard()
  // what stands in for `fetch` may have no streams
  if (!response.body) return new Uint8Array(await response.arrayBuffer())
  const reader = response.body.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    heard()
    parts.push(part.value)
    length += part.value.length
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
