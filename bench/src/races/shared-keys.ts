import { inspect } from 'node:util'

import type { Race } from './race.ts'

/** Each of them is a call of its own. */
const SINGLE: readonly (readonly unknown[])[] = [
  [1],
  ['1'],
  [1n],
  [true],
  ['true'],
  [undefined],
  [null],
  [Number.NaN],
  [{}],
  [new Map([['a', 1]])],
  [new Set([1])],
  [[]],
  [''],
  [{ a: 1 }],
  [{ a: '1' }],
  [new Date(0)],
  ['1970-01-01T00:00:00.000Z'],
]
const SEVERAL: readonly (readonly unknown[])[] = [
  ['a:b', 'c'],
  ['a', 'b:c'],
  ['a,b'],
  ['a', 'b'],
  [['a', 'b']],
  [1, 1],
  [1, 2],
]

/** What is refused shares no key. */
function sharedKeys(name: string, calls: typeof SINGLE, needs: Race['needs']): Race {
  return {
    name,
    layouts: ['local'],
    needs,
    async run({ source, start }) {
      const racer = await start({ argumentsAre: 'any' })
      const owners = new Map<unknown, string>()
      const shared: string[] = []
      for (const [i, args] of calls.entries()) {
        source.value = `call ${i}`
        const answer = await racer.read(...args).catch(() => source.value)
        const call = `f(${args.map((arg) => inspect(arg)).join(', ')})`
        if (answer === source.value) owners.set(answer, call)
        else shared.push(`${call} got what ${owners.get(answer) ?? 'nobody'} loaded`)
      }
      return shared.length === 0 ? undefined : `${shared.length} of ${calls.length}: ${shared.join(', ')}`
    },
  }
}

export const sharedKeysOfOne = sharedKeys('different arguments never share a key', SINGLE, ['keys'])
export const sharedKeysOfSeveral = sharedKeys('nor do several arguments', SEVERAL, ['arguments'])

export const orderOfProperties: Race = {
  name: 'equal arguments share a key, whatever the order of their properties',
  layouts: ['local'],
  needs: ['keys'],
  async run({ source, start }) {
    const racer = await start({ argumentsAre: 'any' })
    await racer.read({ a: 1, b: { c: 2, d: 3 } })
    await racer.read({ b: { d: 3, c: 2 }, a: 1 })
    return source.loads() === 1 ? undefined : 'two loads'
  },
}
