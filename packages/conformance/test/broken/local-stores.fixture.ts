import { describeLocalStore } from '@shelflife/conformance'

import { BROKEN_LOCAL_STORES, plainLocalStore } from './local-stores.ts'

for (const [name, { change }] of Object.entries(BROKEN_LOCAL_STORES)) {
  describeLocalStore(name, (bounds) => plainLocalStore(bounds, change))
}
