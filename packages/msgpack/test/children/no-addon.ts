import assert from 'node:assert/strict'

process.env['MSGPACKR_NATIVE_ACCELERATION_DISABLED'] = 'true'
const { isNativeAccelerationEnabled } = await import('msgpackr')
const { msgpackCodec } = await import('@shelflife/msgpack')

assert.equal(isNativeAccelerationEnabled, false)
const texts = [10, 20, 30, 64, 65, 300, 70_000].flatMap((length) =>
  ['x', 'é', '日本', '\u{10ffff}', '\ufeff', '\ud800'].map((unit) => unit.repeat(length)),
)
const value = [...texts, Object.fromEntries(texts.map((text, i) => [text, i])), new Date(0)]
assert.deepEqual(msgpackCodec.decode(await msgpackCodec.encode(value)), value)
for (const text of texts) assert.deepEqual(msgpackCodec.decode(await msgpackCodec.encode([text, 1n])), [text, 1n])
process.stdout.write('same')
