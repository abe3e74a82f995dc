import { expect, test } from 'vitest'

import { inOneTurn, inParts } from '../src/turn.ts'

function setUp(most: number) {
  const rounds: [string, readonly string[]][] = []
  const ask = inOneTurn(
    async (names, group: string) => {
      rounds.push([group, names])
      return names.map((name) => name.toUpperCase())
    },
    () => most,
  )
  const answers = async (group: string, ...names: readonly string[]): Promise<readonly unknown[]> => {
    const { answer, positions } = ask(names, group)
    const all = await answer
    return positions.map((position) => all[position])
  }
  return { rounds, answers }
}

test('what is asked for in one turn goes together, each name once, and each caller finds his own', async () => {
  const { rounds, answers } = setUp(100)
  const all = await Promise.all([
    answers('x', 'a', 'b'),
    answers('x', 'b', 'c'),
    Promise.resolve().then(() => answers('x', 'd')),
  ])
  expect(all).toEqual([['A', 'B'], ['B', 'C'], ['D']])
  expect(rounds).toEqual([['x', ['a', 'b', 'c', 'd']]])
})

test('what belongs to different groups does not go together', async () => {
  const { rounds, answers } = setUp(100)
  await Promise.all([answers('x', 'a'), answers('y', 'a')])
  expect(rounds).toEqual([
    ['x', ['a']],
    ['y', ['a']],
  ])
})

test('the next turn begins anew', async () => {
  const { rounds, answers } = setUp(100)
  await answers('x', 'a')
  await answers('x', 'a')
  expect(rounds).toHaveLength(2)
})

test('a round that is full goes at once', async () => {
  const { rounds, answers } = setUp(2)
  const asking = ['a', 'b', 'c', 'd', 'e'].map((name) => answers('x', name))
  expect(rounds.map(([, names]) => names)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  expect(await Promise.all(asking)).toEqual([['A'], ['B'], ['C'], ['D'], ['E']])
})

test('a failure reaches everybody of the round and nobody else', async () => {
  const ask = inOneTurn(
    async (names: readonly string[], group: string) => {
      if (group === 'bad') throw new Error('refused')
      return names
    },
    () => 100,
  )
  const outcomes = await Promise.allSettled(
    [ask(['a'], 'bad'), ask(['b'], 'bad'), ask(['c'], 'good')].map(({ answer }) => answer),
  )
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})

test('parts are as long as they may be, in order', () => {
  expect(inParts(['a', 'b', 'c'], 2)).toEqual([['a', 'b'], ['c']])
  expect(inParts([], 2)).toEqual([])
})
