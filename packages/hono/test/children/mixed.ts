import { MIXED_RESPONSES, MIXED_ROUTES } from '@shelflife/http-suite/mixed-routes'

import { attackedApp } from '../attacked-app.ts'
import { serveApp } from '../serve-app.ts'

const { url } = await serveApp(attackedApp(MIXED_ROUTES, MIXED_RESPONSES))
process.stdout.write(`${url}\n`)
