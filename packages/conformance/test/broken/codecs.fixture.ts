import { describeCodec } from '@shelflife/conformance'

import { BROKEN_CODECS } from './codecs.ts'

for (const [name, { codec, carries }] of Object.entries(BROKEN_CODECS)) {
  describeCodec(name, { codec, carries, runs: 200 })
}
