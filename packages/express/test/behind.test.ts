import { describeBehind } from '@shelflife/http-suite'

import { attackedApp } from './attacked-app.ts'
import { flagsApp } from './flags-app.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { mounted } from './mounted.ts'

for (const { name, express } of FRAMEWORKS) {
  const served = async ({ app, close }: ReturnType<typeof flagsApp>) => {
    const { url, ...server } = await mounted(app, close)
    return { origin: url, ...server }
  }
  describeBehind(name, {
    mount: (routes) => served(attackedApp(express, routes)),
    mountFlags: () => served(flagsApp(express)),
  })
}
