import { comparison, panelOf, targetOf } from './comparison.ts'
import type { Part } from './part.ts'
import { sideBySide } from './side-by-side.ts'

/** Hits in this process. */
export const hitPart: Part = async ({ rounds }) => {
  const text = { title: 'one string', rounds: await sideBySide('one string', rounds) }
  const object = { title: 'one object', rounds: await sideBySide('one object', rounds) }
  const tagged = { title: 'two tags', rounds: await sideBySide('two tags', rounds) }
  const measured = [text, object, tagged]
  return {
    text: comparison(measured),
    panels: measured.map((one) => ({ ...panelOf(one), title: `local hit, ${one.title} (ns)` })),
    targets: [
      targetOf('local hit, beside a Map', text, 1.2),
      targetOf('local hit with two tags, beside a Map', tagged, 1.4),
    ],
  }
}

/** Making a key, and putting a value in place. */
export const keyPart: Part = async ({ rounds }) => {
  const title = 'key of an object'
  return { text: comparison([{ title, rounds: await sideBySide(title, rounds) }]) }
}

export const setPart: Part = async ({ rounds }) => {
  return { text: comparison([{ title: 'set', rounds: await sideBySide('set', rounds) }]) }
}
