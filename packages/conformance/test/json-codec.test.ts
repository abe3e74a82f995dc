import { jsonCodec } from '@shelflife/core/protocol'
import { describeCodec } from '@shelflife/conformance'

describeCodec('jsonCodec', { codec: jsonCodec, carries: ['lone-surrogate', 'proto-key'] })
