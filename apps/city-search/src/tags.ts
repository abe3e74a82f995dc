import type { City } from './cities.ts'

export const allCountriesTag = 'countries'

export function cityTag(id: number): string {
  return `city/${id}`
}

export function countryTag(country: string): string {
  return `country/${country}`
}

/** A name can only be found by a search whose first two letters it contains. */
export function searchTag(q: string): string {
  return `search/${tagLetters(q.slice(0, 2))}`
}

/** The tags of every answer that may be different once this city has another population. */
export function tagsChangedBy({ id, name, country }: City): readonly string[] {
  const searchTags = Array.from({ length: name.length - 1 }, (_, start) => searchTag(name.slice(start)))
  return [cityTag(id), countryTag(country), allCountriesTag, ...new Set(searchTags)]
}

// LIKE ignores the case of these letters only. A slash would begin another step of the tag.
function tagLetters(letters: string): string {
  return letters.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replaceAll('/', ' ')
}
