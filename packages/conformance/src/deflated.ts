import type { Codec } from '@shelflife/core'

async function through(stream: CompressionStream | DecompressionStream, bytes: Uint8Array): Promise<Uint8Array> {
  const whole = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream)
  return new Uint8Array(await new Response(whole).arrayBuffer())
}

/** JSON, compressed: the bytes of a value say nothing of what it takes in memory. */
export const deflated: Codec = {
  id: 63,
  name: 'deflated',
  encode: (value) => through(new CompressionStream('deflate-raw'), new TextEncoder().encode(JSON.stringify(value))),
  async decode(bytes) {
    return JSON.parse(new TextDecoder().decode(await through(new DecompressionStream('deflate-raw'), bytes))) as unknown
  },
}
