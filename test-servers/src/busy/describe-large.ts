import { faultProxy } from '@shelflife/conformance/faults'
import { expect, test } from 'vitest'

import type { BusySuite } from './busy-suite.ts'
import { ailment } from './busy-suite.ts'
import { crowd, inLists, range, SETTLED } from './crowd.ts'
import { NO_TROUBLE } from './watch.ts'

/** Bytes. */
const LARGE = 200_000
const MANY = 200
/** Of answers: 20 MB a second. */
const PACE = { bytes: 200_000, every: 10 }

/** Of a few that wait for each other: the first may be answered when the last has begun. */
const FEW = [32, 34]
const HALF_LARGE = 50_000
/** 12.5 MB a second. */
const SLOW = { bytes: 125_000, every: 10 }

/** What takes seconds on its way does not mean that the store is away. */
export function describeLarge(suite: BusySuite): void {
  test(`${MANY} values of ${LARGE} bytes are read over a link that needs seconds for them, although those before were small`, async () => {
    const namespace = suite.namespace()
    const ids = range(MANY)
    const beside = await suite.beside(namespace)
    await inLists(ids, beside.item)
    await inLists(ids, (id) => beside.cache.set(`large ${id}`, 'x'.repeat(LARGE), { ttl: '1h' }))

    const direct = new URL(await suite.url(0))
    const link = await faultProxy({ host: direct.hostname, port: Number(direct.port) })
    suite.closing(() => link.stop())
    const busy = await suite.open({ namespace, url: `${direct.protocol}//${link.host}:${link.port}` })
    for (let round = 0; round < 3; round++) await crowd(MANY, busy.item)
    link.pace = PACE
    for (const what of ['at first', 'once more']) {
      let loads = 0
      const read = (id: number): Promise<unknown> =>
        busy.cache.getOrLoad(`large ${id}`, async () => {
          loads++
          return 'loaded'
        })
      const { took: _took, ...outcome } = await crowd(MANY, read)
      expect({ ...outcome, loads, ill: await ailment(busy), ...busy.trouble() }, what).toEqual({
        ...SETTLED,
        loads: 0,
        ill: undefined,
        ...NO_TROUBLE,
      })
    }
  })

  test.each(FEW)(`%s values of ${HALF_LARGE} bytes are read over a link on which the last is late`, async (many) => {
    const namespace = suite.namespace()
    const beside = await suite.beside(namespace)
    await inLists(range(many), (id) => beside.cache.set(`half ${id}`, 'x'.repeat(HALF_LARGE), { ttl: '1h' }))
    const direct = new URL(await suite.url(0))
    const link = await faultProxy({ host: direct.hostname, port: Number(direct.port) })
    suite.closing(() => link.stop())
    const busy = await suite.open({ namespace, url: `${direct.protocol}//${link.host}:${link.port}` })
    let loads = 0
    const read = (id: number): Promise<unknown> =>
      busy.cache.getOrLoad(`half ${id}`, async () => {
        loads++
        return 'loaded'
      })
    await crowd(many, read)
    link.pace = SLOW
    for (let round = 0; round < 5; round++) {
      const { took: _took, ...outcome } = await crowd(many, read)
      expect({ ...outcome, loads, ill: await ailment(busy), ...busy.trouble() }, `round ${round}`).toEqual({
        ...SETTLED,
        loads: 0,
        ill: undefined,
        ...NO_TROUBLE,
      })
    }
  })
}
