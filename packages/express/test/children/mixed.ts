import { MIXED_RESPONSES, MIXED_ROUTES } from '@shelflife/http-suite/mixed-routes'

import { attackedApp } from '../attacked-app.ts'
import { FRAMEWORKS } from '../frameworks.ts'
import { mounted } from '../mounted.ts'

const wanted = process.argv[2]
const framework = FRAMEWORKS.find(({ name }) => name === wanted)
if (framework === undefined) throw new Error(`no framework is called ${wanted}`)
const { app, close } = attackedApp(framework.express, MIXED_ROUTES, MIXED_RESPONSES)
// what fails is answered, and not written to the console
app.set('env', 'test')
const { url } = await mounted(app, close)
process.stdout.write(`${url}\n`)
