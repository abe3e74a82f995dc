import { describeSharedCache } from '../src/describe-shared-cache.ts'
import { forward, serve } from './forward.ts'
import { mountReferenceCache } from './reference-cache.ts'

// A proxy that stores nothing is a safe shared cache.
describeSharedCache('a proxy without a cache', {
  expectation: 'safe',
  mount: (url) => serve((asked) => forward(url, asked)),
})

describeSharedCache('the reference cache', { expectation: 'rfc9111', mount: (url) => mountReferenceCache(url) })
