import type { RestFault, UpstashFront } from '@shelflife/conformance/upstash'
import { upstashFront } from '@shelflife/conformance/upstash'
import type { Random } from './random.ts'

const FAULTS: readonly RestFault[] = [
  { repeatAfter: 50 },
  { repeatAfter: 2000 },
  { delay: 200 },
  { holdBack: 200 },
  { drop: 'request' },
  { drop: 'answer' },
  { answer: { status: 429, body: '{"error":"ERR too many requests"}' } },
]
const FAULTY = 0.02

/** The server over HTTP, with a fault now and then. */
export async function openFront(redis: string, random: Random, happened: () => void): Promise<UpstashFront> {
  const front = await upstashFront({ redis })
  front.inject = () => {
    if (!random.chance(FAULTY)) return undefined
    happened()
    return FAULTS[random.whole(FAULTS.length)]
  }
  return front
}
