import { describeMixedLoad } from '@shelflife/http-suite'

describeMixedLoad('Hono on Node', new URL('children/mixed.ts', import.meta.url))
