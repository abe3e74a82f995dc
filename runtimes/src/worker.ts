import type { Setting } from './behaviour.ts'
import { runBehaviours } from './run-behaviours.ts'

// what workerd calls
// oxlint-disable-next-line import/no-default-export
export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await runBehaviours((await request.json()) as Setting))
  },
}
