import type { Allowance } from './allowance.ts'
import type { Background } from './background.ts'
import { createBreaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import { ShelflifeError } from './errors.ts'
import type { Leave } from './flight.ts'
import type { NodeHealth } from './health.ts'
import type { Patience, Pulse, Wait } from './pulse.ts'
import { createPulse } from './pulse.ts'
import type { RemoteStore } from './store.ts'
import { createWindow } from './window.ts'

export interface ToSend<T> {
  readonly command: keyof RemoteStore
  readonly run: () => Promise<T>
  /** How many names it carries, for as many callers. */
  readonly carries?: number
  /** What the time that it takes is taken from. */
  readonly allowance?: Allowance | undefined
}

/** One on its way, or one that waits for its turn. */
interface Command<T> {
  readonly toSend: ToSend<T>
  /** Hears whether it was answered in time. */
  readonly noted: (isAnswered: boolean) => void
  /** Whether an answer may be used when it has come. */
  readonly isBelieved: () => boolean
  readonly resolve: (answer: T | undefined) => void
  /** In the window; 0 for one that goes past it. */
  readonly weight: number
  /** Whether it was given up. */
  isOver: boolean
}

/** A server that fails as one: a whole store, or what a part of the keys of a store live on. */
export interface Node {
  readonly name: string
  readonly pulse: Pulse
  /** Whether a command may be sent. */
  allows(): boolean
  /**
   * A command as soon as there is room for it, past the breaker; `undefined` where it is not answered, or the answer is not
   * believed.
   */
  enter<T>(toSend: ToSend<T>, isBelieved?: () => boolean): Promise<T | undefined>
  /**
   * What makes room for others: at once where there is room for what one caller has to ask, or as soon as there is, or when none
   * of those that wait is sent any more.
   */
  admit(): Leave | Promise<Leave>
  isOpen(): boolean
  /** Whether the last command was not answered. */
  isFailing(): boolean
  /** Finds out, after a pause, whether one that is failing is back, and whether one of which nothing was heard is there. */
  look(): void
  /** Whether nothing has been heard of it for longer than any command may take. */
  isAway(): boolean
  health(): NodeHealth
  /** Drops what waits, and resolves when all that is under way has ended. */
  close(): Promise<unknown>
}

export interface NodeInput {
  readonly name: string
  readonly clock: Clock
  readonly background: Background
  readonly label: string
  readonly budget: { readonly read: number; readonly write: number }
  /** Asks it something that costs it nothing. */
  probe(): Promise<unknown>
  /** Whether the cache waits for what is under way, and nothing new may begin. */
  isClosing(): boolean
  /** Its breaker has opened or closed. */
  changed(state: 'open' | 'closed'): void
  failed(command: keyof RemoteStore, error: unknown): void
}

/** More only wait for each other, in the client, the network or the store, and their answers come all in one turn. */
const MOST_UNDER_WAY = 1000
/** Where a round trip takes longer than these milliseconds more are on their way, up to so many times as many. */
const [SHORT_ROUND_TRIP, MOST_TIMES] = [10, 5]
/** Reads go together; everything else is a command of its own, with more to do before and after it. */
const [WEIGHT_OF_READ, WEIGHT] = [2, 5]
/** Of a list: its callers go on in one turn of the event loop, and more than a few thousand of them hold up all others. */
const WEIGHT_OF_NAME = 0.25
/** Of those that take several commands, so that those that wait take little room. As many as keep the window full. */
const MOST_CALLS = 500
/** Milliseconds after which it may be away where nobody has asked it anything. */
const SILENCE = 1000
/** So many budgets may a command take that waits among many for a node that answers. */
const PATIENCE = 10

/** Of a node that has answered, and only cannot do this now. */
const ANSWERS: readonly unknown[] = ['store-moving', 'store-not-replicated']
const isAnswer = (error: unknown): boolean => error instanceof Error && 'code' in error && ANSWERS.includes(error.code)

const isRead = (command: keyof RemoteStore): boolean => command === 'read' || command === 'readTags'

const always = (): boolean => true

/** Of a store that throws or answers at once, too. */
function asPromise<T>(run: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(run())
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

/** What fails is no more than a node: each has a breaker, a window and deadlines of its own. */
export function createNode(input: NodeInput): Node {
  const { name, clock, background, label, budget, probe, isClosing, changed, failed } = input
  // a read may have the longer one
  const longest = Math.max(budget.read, budget.write)
  const [forRead, forWrite] = [budget.read, budget.write].map((alone) => ({
    alone,
    inCrowd: longest,
    inAll: PATIENCE * longest,
  })) as [Patience, Patience]
  const pulse = createPulse(clock)
  const window = createWindow(MOST_UNDER_WAY)
  const calls = createWindow(MOST_CALLS)
  const breaker = createBreaker(clock, {
    changed(state) {
      if (state === 'open') {
        window.clear()
        calls.clear()
      }
      changed(state)
    },
    probe: () => ask(breaker.probed),
    isClosing,
  })
  const underWay = new Set<Promise<unknown>>()
  let latency: number | undefined
  /** The shortest time of an answer: what is under way makes the others longer, and the first may have had to connect. */
  let roundTrip = Infinity
  let firstSent = Infinity
  /** When the last one was sent of those that were answered. */
  let answeredSince = -Infinity
  let lookedAt = -Infinity

  const late = (command: string, ms: number): Error =>
    new ShelflifeError('store-timeout', `${label} did not answer \`${command}\` within ${ms} ms`)

  function measured(ms: number): void {
    roundTrip = ms
    const times = Math.min(Math.max(roundTrip / SHORT_ROUND_TRIP, 1), MOST_TIMES)
    window.stretch(times)
    calls.stretch(times)
  }

  /** A client that has never been answered may take as long as any command to connect, and a read has less time. */
  const mayStillConnect = (): boolean => latency === undefined && clock.now() - firstSent < longest

  function isUsable<T>({ toSend, isBelieved }: Command<T>): boolean {
    try {
      return isBelieved()
    } catch (error) {
      failed(toSend.command, error)
      return false
    }
  }

  function settle<T>(sent: Command<T>, answer: T | undefined): void {
    const { resolve, weight } = sent
    resolve(answer === undefined || isUsable(sent) ? answer : undefined)
    if (weight > 0) window.leave(weight)
  }

  function fail<T>(sent: Command<T>, wait: Wait, error: unknown, isLate = false): void {
    const { command, allowance } = sent.toSend
    sent.isOver = true
    const waited = pulse.end(wait)
    allowance?.spend(wait.since, waited)
    // what was sent after it was answered: it was lost on its way, and says nothing about the store
    const isOvertaken = answeredSince > wait.since
    // a store that refuses writes can still be read, and a release is only a courtesy
    if (command !== 'release' && !(isLate && (isOvertaken || mayStillConnect()))) sent.noted(isAnswer(error))
    failed(command, error)
    settle(sent, undefined)
  }

  function succeed<T>(sent: Command<T>, wait: Wait, answer: T): void {
    const waited = pulse.end(wait)
    pulse.answered()
    answeredSince = Math.max(answeredSince, wait.since)
    // it was given up: who asks next finds out whether the store is back
    if (sent.isOver) return breaker.heard()
    sent.toSend.allowance?.spend(wait.since, waited)
    sent.noted(true)
    const passed = clock.now() - wait.since
    if (latency !== undefined && passed < roundTrip) measured(passed)
    latency = latency === undefined ? passed : latency + (passed - latency) / 16
    settle(sent, answer)
  }

  /** Sends a command, past the breaker. */
  function send<T>(sent: Command<T>): void {
    const { command, run } = sent.toSend
    const patience = isRead(command) ? forRead : forWrite
    const wait = pulse.wait(patience, () => fail(sent, wait, late(command, patience.alone), true))
    firstSent = Math.min(firstSent, wait.since)
    asPromise(run).then(
      (answer) => succeed(sent, wait, answer),
      (error: unknown) => {
        if (!sent.isOver) fail(sent, wait, error)
      },
    )
  }

  /** Something that costs it nothing, and nobody waits for. */
  const ask = (noted: Command<unknown>['noted']): void =>
    background.run(
      new Promise((resolve) => {
        const toSend = { command: 'readTags', run: probe } as const
        send({ toSend, noted, isBelieved: always, resolve, weight: 0, isOver: false })
      }),
    )

  function look(): void {
    breaker.look()
    const now = clock.now()
    if (breaker.isFailing() || now - Math.max(pulse.answeredAt(), lookedAt) <= SILENCE) return
    lookedAt = now
    ask(breaker.noted)
  }

  function enter<T>(toSend: ToSend<T>, isBelieved = always): Promise<T | undefined> {
    const { command, carries = 0 } = toSend
    const weight = isRead(command) ? WEIGHT_OF_READ : WEIGHT + carries * WEIGHT_OF_NAME
    const work = new Promise<T | undefined>((settled) => {
      const resolve = (answer: T | undefined): void => {
        underWay.delete(work)
        settled(answer)
      }
      const toCome: Command<T> = { toSend, noted: breaker.noted, isBelieved, resolve, weight, isOver: false }
      if (window.take(weight)) send(toCome)
      else window.enter({ weight, start: () => send(toCome), drop: () => resolve(undefined) })
    })
    underWay.add(work)
    return work
  }

  function leaver(): Leave {
    let isIn = true
    return () => {
      if (isIn) calls.leave(1)
      isIn = false
    }
  }

  const admit = (): Leave | Promise<Leave> =>
    calls.take(1)
      ? leaver()
      : new Promise((resolve) => {
          calls.enter({ weight: 1, start: () => resolve(leaver()), drop: () => resolve(() => {}) })
        })

  return {
    name,
    pulse,
    admit,
    allows: breaker.allows,
    enter,
    isOpen: breaker.isOpen,
    isFailing: breaker.isFailing,
    look,
    isAway: breaker.isAway,
    health: () => ({ node: name, state: breaker.isFailing() ? 'down' : 'up', latency }),
    close() {
      window.clear()
      calls.clear()
      breaker.stop()
      return Promise.all(underWay)
    },
  }
}
