import type { Race } from './race.ts'

export const changedOptions: Race = {
  name: "the caller's options are left as they are",
  layouts: ['local', 'both', 'remote'],
  needs: [],
  async run({ start }) {
    const racer = await start({ stale: 1000 })
    for (const key of ['x', 'x', 'y']) await racer.read(key)
    const changes = (await racer.ask('changes')) as readonly string[]
    return changes.length === 0 ? undefined : `changed: ${changes.join(', ')}`
  },
}
