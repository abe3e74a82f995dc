export type NextTick = (run: () => void) => void
const { process: host } = globalThis as { process?: { nextTick?: NextTick } }
/** Calls `run` when everything that is ready to run now has run, still in this turn of the event loop. */
export const soon: NextTick = host?.nextTick ?? queueMicrotask

interface Round<Answer> {
  readonly positions: Map<string, number>
  readonly answer: Promise<Answer>
  send(): void
}

/** What a round comes to, and where the names that one caller asked about stand among all of it. */
export interface InRound<Answer> {
  readonly answer: Promise<Answer>
  readonly positions: readonly number[]
}

/**
 * Does together what is asked for within one turn of the event loop: `run` gets each name once. Only what is of one group
 * goes together, and it goes at once when there are `most` names.
 */
export function inOneTurn<Group, Answer>(
  run: (names: readonly string[], group: Group) => Promise<Answer>,
  most: () => number,
): (names: readonly string[], group: Group) => InRound<Answer> {
  const open = new Map<Group, Round<Answer>>()

  function begin(group: Group): Round<Answer> {
    const positions = new Map<string, number>()
    let send = (): void => {}
    const answer = new Promise<Answer>((resolve) => {
      send = () => {
        if (open.get(group)?.positions === positions) open.delete(group)
        send = () => {}
        resolve(run([...positions.keys()], group))
      }
    })
    soon(() => send())
    const round = { positions, answer, send: () => send() }
    open.set(group, round)
    return round
  }

  return (names, group) => {
    const { positions: all, answer, send } = open.get(group) ?? begin(group)
    const positions = names.map((name) => {
      const known = all.get(name)
      if (known !== undefined) return known
      all.set(name, all.size)
      return all.size - 1
    })
    if (all.size >= most()) send()
    return { answer, positions }
  }
}

/** Lists of at most so many names. */
export const inParts = (names: readonly string[], most: number): readonly (readonly string[])[] =>
  names.length > 0 && names.length <= most
    ? [names]
    : Array.from({ length: Math.ceil(names.length / most) }, (_, i) => names.slice(i * most, (i + 1) * most))
