import { systemClock } from '@shelflife/core'
import { isAnswer } from './watch-answers.ts'

/** Of the time that a read may take: less, so that it is not the node that has the slot that took too long. */
const SHARE = 0.8
/** A node that gave no answer several times in a row is not asked for so long, or each name that is there would wait for it. */
const PAUSE = 500
const SILENCES = 3

/** What a node says that cannot be asked anything, or no longer knows that a slot is on its way to it. */
const AWAY = /^(CLUSTERDOWN|LOADING|MASTERDOWN|BUSY|MOVED) /

const hasAnswered = (error: unknown): boolean => isAnswer(error) && !AWAY.test((error as Error).message)

/**
 * Follows `ASK`: while a slot is on its way, its node names the one that has a name already. Where that one gives no
 * answer, `ASK` is what the command fails with, since nothing is wrong with the node that it was for.
 *
 * @param asked what that node has said
 */
export type FollowAsk = (asked: Error, send: () => Promise<unknown>) => Promise<unknown>

/** @param readBudget milliseconds */
export function createFollowAsk(readBudget: number): FollowAsk {
  const nodes = new Map<string, { silences: number; until: number }>()

  return (asked, send) => {
    const address = asked.message.split(' ')[2] ?? ''
    const node = nodes.get(address) ?? { silences: 0, until: -Infinity }
    nodes.set(address, node)
    if (systemClock.now() < node.until) return Promise.reject(asked)
    return new Promise((resolve, reject) => {
      function giveUp(): void {
        if (++node.silences >= SILENCES) node.until = systemClock.now() + PAUSE
        reject(asked)
      }

      const cancel = systemClock.after(SHARE * readBudget, giveUp, { keepsAlive: true })
      send().then(
        (reply) => {
          cancel()
          node.silences = 0
          resolve(reply)
        },
        (error: unknown) => {
          cancel()
          if (hasAnswered(error)) reject(error)
          else giveUp()
        },
      )
    })
  }
}
