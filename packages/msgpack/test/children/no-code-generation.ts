import assert from 'node:assert/strict'

import { msgpackCodec } from '@shelflife/msgpack'

assert.throws(() => Reflect.construct(Function, ['return 1']), EvalError)
const value = Array.from({ length: 1000 }, (_, id) => ({ id, name: `name ${id}`, in: { at: new Date(id), odd: [id] } }))
for (let i = 0; i < 3; i++) assert.deepEqual(await msgpackCodec.decode(await msgpackCodec.encode(value)), value)
process.stdout.write('same')
