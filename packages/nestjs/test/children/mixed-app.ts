import 'reflect-metadata'
import { MIXED_RESPONSES, MIXED_ROUTES } from '@shelflife/http-suite/mixed-routes'

import { attackedApp } from '../attacked-app.ts'
import { PLATFORMS } from '../platforms.ts'

const platform = PLATFORMS.find(({ name }) => name === process.argv[2])
if (platform === undefined) throw new Error(`no platform is called ${process.argv[2]}`)
const { origin } = await attackedApp(platform.adapter, MIXED_ROUTES, MIXED_RESPONSES)
process.stdout.write(`${origin}\n`)
