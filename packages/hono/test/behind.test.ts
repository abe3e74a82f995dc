import { describeBehind } from '@shelflife/http-suite'

import { attackedApp } from './attacked-app.ts'
import { serveApp } from './serve-app.ts'

describeBehind('Hono on Node', async (routes) => {
  const { url, close } = await serveApp(attackedApp(routes))
  return { origin: url, close }
})
