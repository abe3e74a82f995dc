import { expect, test } from 'vitest'
import { createLedger } from '../demo/ledger.ts'

const berlin = { id: 1, country: 'DE', population: 1_000 }
const germany = { country: 'DE', population: 80_000 }

function ledgerWithTwoWrites() {
  const ledger = createLedger()
  ledger.acknowledge({ ...berlin, population: 2_000, countryPopulation: 81_000 }, 100)
  ledger.acknowledge({ ...berlin, population: 3_000, countryPopulation: 82_000 }, 200)
  return ledger
}

test('an answer from before the first write is stale for as long as it misses that write', () => {
  const ledger = ledgerWithTwoWrites()
  ledger.check(berlin, { sentAt: 250, receivedAt: 260 })

  expect(ledger.staleness()).toEqual({ checked: 1, stale: 1, stalestMs: 160 })
})

test('an answer with the first write is stale for as long as it misses the second', () => {
  const ledger = ledgerWithTwoWrites()
  ledger.check({ ...berlin, population: 2_000 }, { sentAt: 250, receivedAt: 260 })

  expect(ledger.staleness()).toMatchObject({ stale: 1, stalestMs: 60 })
})

test('a country is checked like a city', () => {
  const ledger = ledgerWithTwoWrites()
  ledger.check(germany, { sentAt: 250, receivedAt: 260 })

  expect(ledger.staleness()).toMatchObject({ stale: 1, stalestMs: 160 })
})

test('the stalest answer counts', () => {
  const ledger = ledgerWithTwoWrites()
  ledger.check(berlin, { sentAt: 300, receivedAt: 400 })
  ledger.check(berlin, { sentAt: 300, receivedAt: 310 })

  expect(ledger.staleness()).toEqual({ checked: 2, stale: 2, stalestMs: 300 })
})

test('an answer that was asked for before the acknowledgement may be old or new', () => {
  const ledger = ledgerWithTwoWrites()
  ledger.check({ ...berlin, population: 2_000 }, { sentAt: 150, receivedAt: 260 })
  ledger.check({ ...berlin, population: 3_000 }, { sentAt: 150, receivedAt: 260 })

  expect(ledger.staleness()).toEqual({ checked: 2, stale: 0, stalestMs: 0 })
})

test('what nobody wrote to is never stale', () => {
  const ledger = ledgerWithTwoWrites()
  ledger.check({ id: 2, country: 'DE', population: 1 }, { sentAt: 250, receivedAt: 260 })

  expect(ledger.staleness()).toEqual({ checked: 0, stale: 0, stalestMs: 0 })
})
