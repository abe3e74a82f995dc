import { describeMixedLoad } from '@shelflife/http-suite'

import { PLATFORMS } from './platforms.ts'

for (const { name } of PLATFORMS) {
  describeMixedLoad(`NestJS on ${name}`, new URL('children/mixed.ts', import.meta.url), name)
}
