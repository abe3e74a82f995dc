import { expect, test } from 'vitest'
import { searchTag, tagsChangedBy } from '../src/tags.ts'

test.each(['Berlin', 'São Paulo', '’s-Gravenhage', 'Biel/Bienne', 'Ho'])(
  '%s has the tag of every search that finds it',
  (name) => {
    const tags = tagsChangedBy({ id: 1, name, country: 'XX', population: 1 })

    for (let start = 0; start < name.length - 1; start++) {
      for (let end = start + 2; end <= name.length; end++) {
        const q = name.slice(start, end)
        expect(tags).toContain(searchTag(q))
        expect(tags).toContain(searchTag(q.replace(/[a-z]/g, (letter) => letter.toUpperCase())))
      }
    }
  },
)
