import { describeSharedCache } from '../../src/describe-shared-cache.ts'
import { forward, serve } from '../forward.ts'

describeSharedCache('a proxy without a cache', {
  expectation: 'rfc9111',
  mount: (url) => serve((asked) => forward(url, asked)),
})
