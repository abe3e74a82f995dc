import type { Behaviour, Outcome, Setting } from './behaviour.ts'
import { codec } from './behaviours/codec.ts'
import { environment } from './behaviours/environment.ts'
import { local } from './behaviours/local.ts'
import { responses } from './behaviours/responses.ts'
import { upstash } from './behaviours/upstash.ts'

/** Everything that has to be the same in every runtime. */
export const BEHAVIOURS: readonly Behaviour[] = [...local, ...codec, ...upstash, ...environment, ...responses]

/** One after the other, as they may be in each other's way on a small machine. */
export async function runBehaviours(setting: Setting): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { title, run } of BEHAVIOURS) {
    try {
      await run(setting)
      outcomes.push({ title })
    } catch (error) {
      outcomes.push({ title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  return outcomes
}
