import type { Race } from './race.ts'

const PATIENCE = 5000

export const exitAfterClose: Race = {
  name: 'after everything is closed the process exits by itself',
  layouts: ['both', 'remote', 'local'],
  needs: [],
  async run({ start }) {
    const racer = await start()
    for (const key of ['x', 'x', 'y']) await racer.read(key)
    await racer.close()
    return (await racer.child.release(PATIENCE)) ? undefined : 'still running after 5 s'
  },
}
