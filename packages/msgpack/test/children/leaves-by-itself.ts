import assert from 'node:assert/strict'

import { compressed, msgpackCodec } from '@shelflife/msgpack'

/** A process with nothing left to do, after decompressing and after giving up on it. */
const codec = compressed(msgpackCodec, { above: 0 })
const value = 'x'.repeat(1_000_000)
const bytes = await codec.encode(value)
assert.equal(await codec.decode(bytes), value)
const lying = bytes.slice()
new DataView(lying.buffer).setUint32(1, 1000)
for (const broken of [lying, bytes.subarray(0, bytes.length - 5)]) {
  await assert.rejects(async () => codec.decode(broken), { code: 'corrupt-envelope' })
}
process.stdout.write('same')
