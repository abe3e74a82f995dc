import { declined, describeSharedCache } from '@shelflife/http-suite'

import { forwardingApp } from './forwarding-app.ts'
import { serveApp } from './serve-app.ts'

for (const profile of ['rfc9111', 'safe'] as const) {
  describeSharedCache(`Hono on Node, profile ${profile}`, {
    expectation: profile,
    declined: [
      ...declined,
      // `Headers` sort their fields
      'fields keep their order',
    ],
    mount: (originUrl) => serveApp(forwardingApp(originUrl, profile)),
  })
}
