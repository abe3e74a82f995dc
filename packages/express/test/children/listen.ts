import type { Express } from 'express'
import type { AddressInfo } from 'node:net'

import { FRAMEWORKS } from '../frameworks.ts'

/** The framework that this process is to use. */
export function framework(): (typeof FRAMEWORKS)[number]['express'] {
  const wanted = process.argv[2]
  const found = FRAMEWORKS.find(({ name }) => name === wanted)
  if (found === undefined) throw new Error(`no framework is called ${wanted}`)
  return found.express
}

/** Listens on loopback, and prints where. */
export function listen(app: Express): void {
  // what fails is answered, and not written to the console
  app.set('env', 'test')
  const server = app.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
  })
}
