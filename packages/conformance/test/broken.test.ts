import { beforeAll, describe, expect, test } from 'vitest'

import { BROKEN_STORES } from './broken/broken-stores.ts'
import { BROKEN_CODECS } from './broken/codecs.ts'
import { BROKEN_LOCAL_STORES } from './broken/local-stores.ts'
import { runFixture } from './run-fixture.ts'

type Expected = Readonly<Record<string, { readonly fails: string | readonly string[] }>>

function describeBroken(suite: string, fixture: string, broken: Expected): void {
  describe(`${suite} notices`, () => {
    const running = runFixture(fixture)
    let results: Awaited<typeof running> = {}
    beforeAll(async () => {
      results = await running
    }, 240_000)

    for (const [mistake, { fails }] of Object.entries(broken)) {
      test(mistake, () => {
        const failed = results[mistake]?.failed ?? []
        for (const title of [fails].flat()) expect(failed).toContainEqual(expect.stringContaining(title))
      })
    }
  })
}

describeBroken('describeStore', 'remote-stores', BROKEN_STORES)
describeBroken('describeStore, in several processes,', 'sqlite', {
  'without transactions': {
    fails: ['no read gives what was invalidated before it began', 'of all loads with one fence one is stored at most'],
  },
  'leases for everybody': { fails: 'nobody has a lease that another one has' },
  'leases for nobody': { fails: 'nobody has a lease that another one has' },
})
describeBroken('describeLocalStore', 'local-stores', BROKEN_LOCAL_STORES)
describeBroken('describeCodec', 'codecs', BROKEN_CODECS)
