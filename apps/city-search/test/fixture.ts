import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { importCities, type SourceCity } from '../src/import-cities.ts'

export const berlin = { id: 2950159, name: 'Berlin', country: 'DE', population: 3_426_354 }
export const potsdam = { id: 2852458, name: 'Potsdam', country: 'DE', population: 145_292 }
export const hamburg = { id: 2911298, name: 'Hamburg', country: 'DE', population: 1_739_117 }
export const newBerlin = { id: 5264049, name: 'New Berlin', country: 'US', population: 39_834 }
export const percentville = { id: 1, name: '100% Ville', country: 'FR', population: 1_000 }

const places: readonly SourceCity[] = [
  place(berlin, [13.41053, 52.52437]),
  place(potsdam, [13.06566, 52.39886]),
  place(hamburg, [9.99302, 53.55073]),
  place(newBerlin, [-88.10842, 42.9764]),
  place(percentville, [2.3488, 48.85341]),
]

/** A database of five cities in a folder of its own, which goes away with the test. */
export function fixtureDatabase(): string {
  const folder = mkdtempSync(join(tmpdir(), 'city-search-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'cities.sqlite')
  importCities({ file, cities: places })
  return file
}

function place({ id, ...city }: typeof berlin, coordinates: [number, number]): SourceCity {
  return { cityId: id, ...city, loc: { coordinates } }
}
