import { describeAttacks } from '@shelflife/http-suite'

import { attackedApp } from './attacked-app.ts'
import { serveApp } from './serve-app.ts'

describeAttacks('Hono on Node', {
  async mount(routes) {
    const { url, close } = await serveApp(attackedApp(routes))
    return { origin: url, close }
  },
})
