import type { Clock } from '@shelflife/core'

import type { RedisBus } from './bus.ts'
import type { Server } from './server.ts'
import { sharedQuestion } from './shared-question.ts'

/** What the server of the tags answers, when it has said whether it remembers what this process knows it was told. */
export type Remembered = <T>(asking: Promise<T>) => Promise<T>

/** It is asked whenever it may be another one than before. */
export function rememberedBy(
  { history, connection }: Pick<Server, 'history' | 'connection'>,
  bus: RedisBus,
  clock: Clock,
): Remembered {
  let heardOf: string | undefined
  const question = sharedQuestion(clock, async (at) => {
    await bus.look()
    heardOf = at
  })

  /** As long as this is the same it is the same server. */
  const now = (): string => connection() ?? history.of()
  /** Where nothing is known there is nothing yet that could be forgotten. */
  const isNew = (): boolean => bus.known() !== '' && heardOf !== now()

  const look = (): Promise<void> => question.ask(now())

  return async (asking) => {
    const knewNothing = bus.known() === ''
    const at = now()
    // beside what is asked: after it, whatever is first on a connection would take two round trips
    if (connection() !== undefined && isNew()) void look()
    const answer = await asking
    // what it has heard of meanwhile it was not told before this was asked, by the same server
    if (bus.known() === '' || (knewNothing && at === now())) heardOf = now()
    if (isNew()) await look()
    bus.refuseOther()
    return answer
  }
}
