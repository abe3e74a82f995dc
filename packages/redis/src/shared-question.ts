import type { Clock } from '@shelflife/core'

/** A question to a server, one for all who ask it while it is under way. */
export interface SharedQuestion {
  /** `about`: who is asked; what another one was asked says nothing of this one. */
  ask(about?: string): Promise<void>
  isUnderWay(): boolean
}

/** Where requests live apart, one that is ended never hears the answer, and the others must not wait for it. */
const PATIENCE = 1000

export function sharedQuestion(clock: Clock, run: (about: string) => Promise<void>): SharedQuestion {
  let underWay: { readonly about: string; readonly at: number; readonly answered: Promise<void> } | undefined

  return {
    ask(about = '') {
      const at = clock.now()
      if (underWay?.about === about && at - underWay.at < PATIENCE) return underWay.answered
      const asked = { about, at, answered: run(about) }
      const end = (): void => {
        if (underWay === asked) underWay = undefined
      }
      underWay = asked
      asked.answered.then(end, end)
      return asked.answered
    },
    isUnderWay: () => underWay !== undefined,
  }
}
