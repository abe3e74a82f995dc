import { createCache } from '@shelflife/core'
import { declined, describeSharedCache } from '@shelflife/http-suite'
import { memoryStore } from '@shelflife/memory'

import { cacheResponses } from '../src/index.ts'
import { forwardingTo } from './forwarding.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { mounted } from './mounted.ts'

for (const { name, express } of FRAMEWORKS) {
  for (const profile of ['rfc9111', 'safe'] as const) {
    describeSharedCache(`${name}, ${profile}`, {
      expectation: profile,
      declined,
      async mount(originUrl) {
        const shop = createCache({ namespace: 'suite', store: memoryStore() })
        const { cache } = cacheResponses({ cache: shop, profile, targets: ['CDN-Cache-Control'] })
        const app = express()
        app.disable('x-powered-by')
        // where a lifetime has to be configured it is of no use, so that what the origin states decides
        const lifetime =
          profile === 'safe' ? { ttl: 1, staleWhileRevalidate: 0, staleIfError: 0 } : { setCookie: 'store' as const }
        app.use(cache({ ...lifetime, inputs: 'off' }), forwardingTo(originUrl))
        return mounted(app, () => shop.close())
      },
    })
  }
}
