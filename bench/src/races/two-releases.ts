import type { Race } from './race.ts'

const TURNS = 10

/** The same function with another lifetime, as during a deployment. */
export const twoReleases: Race = {
  name: 'two releases side by side, one with a longer lifetime, do not overwrite each other for ever',
  layouts: ['remote'],
  needs: [],
  async run({ source, start }) {
    const older = await start({ ttl: 60_000 })
    const newer = await start({ ttl: 90_000 })
    for (let i = 0; i < TURNS; i++) {
      await older.read('x')
      await newer.read('x')
    }
    return source.loads() <= 2 ? undefined : `${source.loads()} loads for ${2 * TURNS} reads`
  },
}
