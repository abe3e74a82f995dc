import type { Race } from './race.ts'

const USERS = 200_000

/** With 32 bits, two of so many share a key more likely than not. */
export const confusedKeys: Race = {
  name: '200,000 users each get their own record',
  layouts: ['local'],
  needs: ['keys'],
  async run({ start }) {
    const racer = await start({ loader: 'echo', maxEntries: 2 * USERS, argumentsAre: 'any' })
    let wrong = 0
    for (let i = 0; i < 10; i++) wrong += Number(await racer.ask('confused', i * (USERS / 10), USERS / 10))
    return wrong === 0 ? undefined : `${wrong} got somebody else's`
  },
}
