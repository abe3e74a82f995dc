import type { Peer } from '../peers/peer.ts'
import type { Table } from '../report/table.ts'
import { tableText } from '../report/table.ts'
import type { Outcome } from './outcome.ts'
import type { Race } from './race.ts'

const SIGNS = { passes: 'yes', fails: '**no**', 'n/a': 'n/a' } as const

/** The tables of the page, by the names of their places, and what was seen where something did not hold. */
export function blocksOf(
  groups: Readonly<Record<string, readonly Race[]>>,
  peers: readonly Peer[],
  outcomes: readonly Outcome[],
): ReadonlyMap<string, string> {
  const found = new Map(outcomes.map((outcome) => [`${outcome.race} ${outcome.peer}`, outcome]))
  const cell = (race: Race, { name }: Peer): string => {
    const outcome = found.get(`${race.name} ${name}`)
    return outcome === undefined ? '' : SIGNS[outcome.verdict]
  }
  const table = (races: readonly Race[]): Table => ({
    head: ['', ...peers.map(({ name }) => name)],
    rows: races.map((race) => [race.name, ...peers.map((peer) => cell(race, peer))]),
    texts: peers.length + 1,
  })
  const passed = peers.map(({ name }) => {
    const own = outcomes.filter(({ peer, verdict }) => peer === name && verdict !== 'n/a')
    return `${own.filter(({ verdict }) => verdict === 'passes').length} of ${own.length}`
  })
  const seen = Object.values(groups)
    .flat()
    .map(({ name }) => linesOf(name, outcomes))
    .filter((lines) => lines !== '')
  return new Map([
    ...Object.entries(groups).map(([name, races]) => [name, tableText(table(races))] as const),
    [
      'sum',
      tableText({
        head: ['', ...peers.map(({ name }) => name)],
        rows: [['holds', ...passed]],
        texts: peers.length + 1,
      }),
    ],
    ['seen', seen.join('\n')],
  ])
}

function linesOf(race: string, outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter((outcome) => outcome.race === race && outcome.verdict === 'fails')
  if (failed.length === 0) return ''
  return [`- ${race}`, ...failed.map(({ peer, seen = '' }) => `  - ${peer}: \`${inOneLine(seen)}\``)].join('\n')
}

const MOST = 300

/** So that it fits between two backticks. */
function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('`', "'")
  return line.length > MOST ? `${line.slice(0, MOST)} …` : line
}
