import { differs } from './differs.ts'
import type { Race } from './race.ts'

export const privateResponses: Race = {
  name: "a response to one user's `Authorization` or cookie is not another user's",
  layouts: ['local'],
  needs: ['http'],
  async run({ start }) {
    const racer = await start({ loader: 'echo' })
    for (const header of ['authorization', 'cookie']) {
      const page = (user: string): Promise<unknown> =>
        racer.ask('respond', `http://127.0.0.1/${header}`, { [header]: `session=${user}` })
      await page('alice')
      const seen = await page('bob')
      if (String(seen).includes('alice')) return `by ${header}: ${differs(seen, 'session=bob')}`
    }
    return undefined
  },
}

export const queryOfRequest: Race = {
  name: 'responses to requests that differ in their query are different',
  layouts: ['local'],
  needs: ['http'],
  async run({ start }) {
    const racer = await start({ loader: 'echo' })
    const page = (n: number): Promise<unknown> => racer.ask('respond', `http://127.0.0.1/list?page=${n}`, {})
    const one = await page(1)
    const two = await page(2)
    return one === two ? `both got ${String(one)}` : undefined
  },
}
