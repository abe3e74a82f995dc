import { expect, test } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { PERMISSIONS, REFUSALS } from './attack-content-handlers.ts'

const labelOf = (lines: readonly (readonly [string, string])[]): string =>
  lines.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(' and ')

/** What says that it is not to be stored, in every spelling. */
export function refusalAttacks(client: () => AttackClient): void {
  for (const [n, lines] of REFUSALS.entries()) {
    test(`a response with ${labelOf(lines)} reaches one client only`, async () => {
      const { ask } = client()
      const answers = await Promise.all([1, 2, 3].map(() => ask(`/refusing?n=${n}`)))
      answers.push(await ask(`/refusing?n=${n}`), await ask(`/refusing?n=${n}`))
      expect(new Set(answers.map(({ content }) => content)).size).toBe(5)
    })
  }

  for (const [n, lines] of PERMISSIONS.entries()) {
    test(`a response with ${labelOf(lines)} is stored all the same`, async () => {
      const { ask } = client()
      const first = await ask(`/permitting?n=${n}`)
      expect((await ask(`/permitting?n=${n}`)).content).toBe(first.content)
    })
  }
}
