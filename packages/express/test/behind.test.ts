import { describeBehind } from '@shelflife/http-suite'

import { attackedApp } from './attacked-app.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { mounted } from './mounted.ts'

for (const { name, express } of FRAMEWORKS) {
  describeBehind(name, async (routes) => {
    const { app, close } = attackedApp(express, routes)
    const { url, ...server } = await mounted(app, close)
    return { origin: url, ...server }
  })
}
