import assert from 'node:assert/strict'

// { a: new Date(1000), b: new Map([['k', 1]]), c: Buffer.from([1, 2, 3]) }
const fromNode = Uint8Array.from(Buffer.from('01d4724093a161a162a163d6ff0000000181a16b01c403010203', 'hex'))
const text = process.stdout
Reflect.deleteProperty(globalThis, 'Buffer')
const { compressed, encrypted, msgpackCodec } = await import('@shelflife/msgpack')

assert.deepEqual(msgpackCodec.decode(fromNode), {
  a: new Date(1000),
  b: new Map([['k', 1]]),
  c: Uint8Array.of(1, 2, 3),
})

const keys = [{ id: 'a', key: crypto.getRandomValues(new Uint8Array(32)) }]
const value = Array.from({ length: 500 }, (_, id) => ({
  id,
  text: `\ufeffé ${id} ${'long '.repeat(30)}`,
  bytes: Uint8Array.of(id),
  odd: [-0, '\ud800', new Set([{ id }]), 2n ** 100n, Float64Array.of(id)],
}))
for (const codec of [msgpackCodec, encrypted(compressed(msgpackCodec), { keys })]) {
  assert.deepEqual(await codec.decode(await codec.encode(value)), value)
}
text.write('same')
