import { describeCodec } from '@shelflife/conformance'
import { jsonCodec } from '@shelflife/core/protocol'
import { compressed, encrypted, msgpackCodec } from '@shelflife/msgpack'

import { CARRIED } from './carried.ts'
import { randomKey } from './random-key.ts'

const keys = [{ id: 'only', key: randomKey() }]

describeCodec('msgpackCodec', { codec: msgpackCodec, carries: CARRIED })

describeCodec('compressed(msgpackCodec)', { codec: compressed(msgpackCodec), carries: CARRIED })

describeCodec('compressed(msgpackCodec) of any size', {
  codec: compressed(msgpackCodec, { above: 0 }),
  carries: CARRIED,
})

describeCodec('encrypted(msgpackCodec)', { codec: encrypted(msgpackCodec, { keys }), carries: CARRIED })

describeCodec('encrypted(compressed(jsonCodec))', {
  codec: encrypted(compressed(jsonCodec, { above: 100 }), { keys }),
  carries: ['lone-surrogate', 'proto-key'],
})
