import { describeBehind, NAMED_IN_VARY } from '@shelflife/http-suite'
import type { Hono } from 'hono'
import { expect, test } from 'vitest'

import { attackedApp } from './attacked-app.ts'
import { flagsApp } from './flags-app.ts'
import { serveApp } from './serve-app.ts'

async function served(app: Hono) {
  const { url, close } = await serveApp(app)
  return { origin: url, close }
}

describeBehind('Hono on Node', {
  mount: (routes) => served(attackedApp(routes)),
  mountFlags: () => served(flagsApp()),
})

test.each(NAMED_IN_VARY)('without a server, `Vary: *` stands alone where names come %s', async (named) => {
  const app = flagsApp()
  for (const who of ['alice', 'alice', 'bob', 'bob']) {
    const { headers } = await app.request(`/${named}`, { headers: { 'x-who': who } })
    expect(headers.get('vary')).toBe('*')
  }
})
