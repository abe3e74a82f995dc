import { hash } from 'node:crypto'

import type { End } from '../children/calls.ts'
import { calls } from '../children/calls.ts'
import { loadPeer } from '../peers/load-peer.ts'
import type { Subject } from '../peers/peer.ts'
import { changesOf } from './changes-of.ts'
import { LABEL } from './label.ts'
import type { RacerOptions } from './racer.ts'

/** One process of a race: opens one cache and does what it is told. */
let subject: Subject | undefined
let isClosed = false
const changes = changesOf()
/** What every process reads first, so that it is connected when the race begins. */
const READY = `ready-${process.pid}`

function opened(): Subject {
  if (subject === undefined) throw new Error('nothing is open')
  return subject
}

/** The part of a subject that a race needs; it is not run for libraries without. */
function of<Name extends keyof Subject>(name: Name): NonNullable<Subject[Name]> {
  const part = opened()[name]
  if (part === undefined) throw new Error(`there is no ${name}`)
  return part
}

const call = calls(process as End, {
  async open({ peer, loader = 'ask', isLabelled = false, ...options }: RacerOptions) {
    const load = async (...args: readonly unknown[]): Promise<unknown> => {
      if (args[0] === READY) return READY
      return loader === 'echo' ? args[0] : call('load', ...args)
    }
    subject = await (
      await loadPeer(peer)
    ).open({
      ...options,
      load,
      keep: changes.keep,
      ...(isLabelled && { tags: () => [LABEL] }),
    })
    await subject.read(READY)
  },
  read: (...args: readonly unknown[]) => opened().read(...args),
  set: (value: unknown, ...args: readonly unknown[]) => of('set')(value, ...args),
  invalidate: (...args: readonly unknown[]) => of('invalidate')(...args),
  invalidateLabel: (label: string) => of('invalidateLabel')(label),
  clear: () => of('clear')(),
  close() {
    isClosed = true
    return opened().close()
  },
  respond: async (url: string, headers: Record<string, string>) =>
    (await of('respond')(new Request(url, { headers }))).text(),
  /** What a caller does who takes the value for his own. */
  async push(item: unknown, ...args: readonly unknown[]) {
    const value = (await opened().read(...args)) as unknown[]
    try {
      value.push(item)
    } catch {
      // frozen, so nobody is harmed
    }
  },
  /** Reads so many different arguments, and counts the answers that are somebody else's. */
  async confused(from: number, count: number) {
    let wrong = 0
    for (let i = from; i < from + count; i++) {
      const user = hash('sha1', String(i))
      const answer = (await opened().read({ user, page: 1 })) as { readonly user: string }
      if (answer.user !== user) wrong++
    }
    return wrong
  },
  /** Reads so many different texts of a kilobyte. */
  async fill(from: number, count: number) {
    for (let i = from; i < from + count; i++) await opened().read(String(i).padEnd(1024, '.'))
  },
  heap() {
    gc?.()
    return process.memoryUsage().heapUsed
  },
  timers: () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  changes: () => changes.list(),
})

// the race is gone; who was closed has to end by itself
process.once('disconnect', () => !isClosed && process.exit())
