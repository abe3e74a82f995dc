import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cachedCities } from './cached-cities.ts'
import { importGeonames } from './import-geonames.ts'
import { createService } from './service.ts'
import { sqliteCities } from './sqlite-cities.ts'

const { values: options } = parseArgs({
  options: {
    cache: { type: 'boolean', default: true },
    namespace: { type: 'string', default: 'city-search' },
    database: { type: 'string', default: fileURLToPath(new URL('../data/cities.sqlite', import.meta.url)) },
    port: { type: 'string', default: '3000' },
  },
  allowNegative: true,
})

if (!existsSync(options.database)) {
  mkdirSync(dirname(options.database), { recursive: true })
  await importGeonames(options.database)
}

const redisUrl = process.env.REDIS_URL
const source = sqliteCities(options.database)
const cities = options.cache ? cachedCities(source, { redisUrl, namespace: options.namespace }) : source
const server = createService(cities).listen(Number(options.port), '127.0.0.1')
await once(server, 'listening')

const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
console.log(`City search ${options.cache ? `with cached()${redisUrl ? ' on Redis' : ''}` : 'without cached()'}. Try:

  curl '${url}/nearest?lat=52.52&lon=13.41&limit=5'
  curl '${url}/search?q=san&limit=5'
  curl '${url}/population?country=DE'
  curl -X PUT '${url}/cities/2950159/population' -d '{"population": 3700000}'
  curl '${url}/stats'
`)
process.send?.({ url })

// The last one is for a service that the demo started: it does not outlive the demo, however that ends.
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'disconnect')])

server.close()
await once(server, 'close')
await cities.close()
if (process.connected) process.disconnect()
