import { inspect } from 'node:util'

import type { Arena } from './arena.ts'
import { differs } from './differs.ts'
import type { Race } from './race.ts'
import { SHARED } from './race.ts'

/** What one process has loaded, another one reads. */
async function badlyCarried({ source, start }: Arena, values: readonly unknown[]): Promise<string | undefined> {
  const one = await start()
  const other = await start()
  const seen: string[] = []
  for (const [i, value] of values.entries()) {
    source.value = value
    await one.read(`key-${i}`)
    const loads = source.loads()
    const difference = differs(await other.read(`key-${i}`), value)
    if (difference !== undefined) seen.push(difference)
    else if (source.loads() > loads) seen.push(`${inspect(value)} was loaded again`)
  }
  return seen.length === 0 ? undefined : seen.join('; ')
}

export const falsyValues: Race = {
  name: '`0`, `""`, `false` and `null` in Redis are hits',
  layouts: SHARED,
  needs: [],
  run: (arena) => badlyCarried(arena, [0, '', false, null]),
}

export const typedValues: Race = {
  name: 'a Date, a Map, a bigint and NaN come back from Redis as what they were, or are not kept',
  layouts: SHARED,
  needs: [],
  async run(arena) {
    const values = [new Date(0), new Map([['a', 1]]), { big: 1n }, { nan: Number.NaN }]
    const seen = await badlyCarried(arena, values)
    const changed = seen?.split('; ').filter((part) => !part.endsWith('loaded again'))
    return changed === undefined || changed.length === 0 ? undefined : changed.join('; ')
  },
}
