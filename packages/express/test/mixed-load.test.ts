import { describeMixedLoad } from '@shelflife/http-suite'

import { FRAMEWORKS } from './frameworks.ts'

for (const { name } of FRAMEWORKS) describeMixedLoad(name, new URL('children/mixed.ts', import.meta.url), name)
