import { describeLocalStore } from '@shelflife/conformance'

import { plainLocalStore } from './broken/local-stores.ts'

describeLocalStore('a plain local store', (bounds) => plainLocalStore(bounds, () => ({})))
