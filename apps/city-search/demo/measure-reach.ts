import type { City } from '../src/cities.ts'
import type { Catalogue } from './catalogue.ts'
import { createClient } from './client.ts'
import { milliseconds } from './units.ts'

/** Writes through one process what the other has in its memory, and tells when the other shows it. */
export async function measureReach(urls: readonly string[], { cities }: Catalogue): Promise<string> {
  const [one, other] = urls.map((url) => createClient(url, 1))
  const [first] = cities
  if (!one || !other || !first) throw new Error('it takes two processes and a city')
  const path = `/search?q=${encodeURIComponent(first.name)}&limit=50`
  const populationIn = async (client: typeof one) =>
    (await client.get<readonly City[]>(path)).find(({ id }) => id === first.id)?.population ?? 0

  const before = await populationIn(other)
  await populationIn(one)
  await one.put(`/cities/${first.id}/population`, { population: before + 1 })
  const acknowledgedAt = performance.now()
  let answers = 1
  while ((await populationIn(other)) !== before + 1) answers++
  const passed = performance.now() - acknowledgedAt
  const shown = { here: await populationIn(one), there: await populationIn(other) }
  await Promise.all([one.close(), other.close()])

  const when = answers === 1 ? 'in its next answer' : `in answer ${answers}`
  return `
A write to ${first.name} through one process: the other showed it ${when}, ${milliseconds(passed)} after it was acknowledged
(${before} before, ${shown.here} and ${shown.there} now).`
}
