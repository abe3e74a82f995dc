import { setTimeout as sleep } from 'node:timers/promises'

import type { UnderTest } from './run-case.ts'
import { runCase } from './run-case.ts'
import type { SuiteCase } from './suite-case.ts'

/** Cases that run at the same time. Most of them wait for something to become stale. */
const AT_ONCE = 60

/** Seconds after which a case hangs. The longest waits for four. */
const LIMIT = 15

/** Starts the cases, many at a time. The outcome of each: `undefined`, or what is wrong. */
export function startCases(cases: readonly SuiteCase[], underTest: UnderTest): readonly Promise<unknown>[] {
  const running = new Set<Promise<unknown>>()
  let last: Promise<unknown> = Promise.resolve()
  return cases.map((suiteCase) => {
    const outcome = last.then(async () => {
      while (running.size >= AT_ONCE) await Promise.race(running)
      const run = within(runCase(suiteCase, underTest)).then(
        () => undefined,
        (error: unknown) => error,
      )
      running.add(run)
      void run.then(() => running.delete(run))
      return { run }
    })
    last = outcome
    return outcome.then(({ run }) => run)
  })
}

async function within(run: Promise<void>): Promise<void> {
  const timer = new AbortController()
  const limit = sleep(1000 * LIMIT, undefined, { signal: timer.signal, ref: false }).then(
    () => Promise.reject(new Error(`No answer within ${LIMIT} s`)),
    () => {},
  )
  await Promise.race([run, limit]).finally(() => timer.abort())
}
