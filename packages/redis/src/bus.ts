import type { Bus, BusListener, Clock } from '@shelflife/core'

import type { Numbered } from './message.ts'
import { sharedQuestion } from './shared-question.ts'

/** What the server says about its messages. */
export interface Beat {
  readonly epoch: string
  /** Milliseconds since the epoch began, as the server's clock says. */
  readonly age: number
  /** Messages sent in this epoch. */
  readonly sent: number
  /** The id of the last one. */
  readonly last: string
  /** `false`: the message that was known to the asker is none of them. */
  readonly remembers: boolean
}

/** What the server says about a message that this process has sent. */
export interface Told extends Pick<Beat, 'epoch' | 'remembers'> {
  readonly id: string
}

export interface RedisBus extends Bus {
  /** The id of the newest message that this process knows of, empty for none: whoever asks or tells passes it on. */
  known(): string
  /**
   * Takes in the answer to a message that was sent with what was known, and asks what became of the log where it is another
   * one. Rejects where another database has answered: what it was told nobody hears.
   */
  told(answer: Told): Promise<void>
  /** Asks what the server remembers, and acts on it. Rejects where it does not say. */
  look(): Promise<void>
  /** Throws while it is another database that answers than at the beginning. */
  refuseOther(): void
  /** Takes in what came over the channel; `undefined` for what cannot be read. */
  receive(received: Numbered | undefined): void
  close(): void
}

export interface RedisBusInput {
  readonly clock: Clock
  /** Asks the server, and whether it remembers a message of its epoch; nothing is known where that is empty. */
  beat(known: string): Promise<Beat>
  /** Which database has answered; `undefined` where it cannot be told. */
  database(): Promise<string | undefined>
  /** Starts the subscription, if it has not been. */
  subscribe(): void
  /** How this process signs its messages. */
  sender(): string
}

const HEARTBEAT = 250
/** A question that is not answered for this long is asked again, in case the client has forgotten it. */
const PATIENCE = 1000

/** Ids begin with the number of the message. */
const numberOf = (id: string): number => Number.parseInt(id, 10) || 0

/**
 * Messages are numbered by the server and name the one before them, and a heartbeat asks how many there were and which
 * was the last: whoever has received as many, up to the same one, has missed nothing up to the question, whatever became
 * of the subscription meanwhile. Whoever has not, and does not until the next heartbeat, has missed some. A server that
 * does not remember what this process knows of has gone back to an older state.
 */
export function createBus({ clock, beat, database, subscribe, sender }: RedisBusInput): RedisBus {
  let listener: BusListener | undefined
  let epoch: string | undefined
  /** The newest message heard of. */
  let head: Pick<Numbered, 'number' | 'id'> = { number: 0, id: undefined }
  /** The id of the newest message that is known to belong to the same history as all before it. */
  let known = ''
  let owed: { readonly sent: number; readonly last: string; readonly at: number } | undefined
  let askedAt = -Infinity
  /** When the last question that was answered was asked, and which one it was. */
  let heardOf = -Infinity
  let judged = 0
  let questions = 0
  let cancel = (): void => {}
  /** The database in which the log was found first. */
  let home: string | undefined
  let isElsewhere = false
  /** For all that are told of another log at once. */
  const question = sharedQuestion(clock, ask)

  function refuseOther(): void {
    if (isElsewhere) throw new TypeError('the application has selected another database on the client that it shares')
  }

  /** A log that is new is that of another server, one that was lost, or that of another database. */
  async function locate(): Promise<void> {
    const selected = await database()
    home ??= selected
    const wasElsewhere = isElsewhere
    isElsewhere = selected !== undefined && selected !== home
    // what was read there until now
    if (isElsewhere && !wasElsewhere) listener?.gap()
    refuseOther()
  }

  function accept({ sent, last }: Beat): void {
    if (sent >= head.number) head = { number: sent, id: last }
    learn(last)
  }

  /** Takes the id of a message in whose history the one that was known is. */
  function learn(id: string): void {
    if (numberOf(id) > numberOf(known)) known = id
  }

  function restart(beat: Beat): void {
    epoch = beat.epoch
    head = { number: beat.sent, id: beat.last }
    known = beat.last
    owed = undefined
  }

  function verdictOn(beat: Beat, before: number): 'complete' | 'owed' | 'gap' | 'lost' {
    if (epoch === undefined) return 'gap'
    // one that began before this process last heard of its own is of another server, which was told nothing meanwhile
    if (beat.epoch !== epoch) return beat.age > clock.now() - heardOf ? 'lost' : 'gap'
    const isOther = beat.sent === head.number && head.id !== undefined && beat.last !== head.id
    if (!beat.remembers || beat.sent < before || isOther) return 'lost'
    if (beat.sent <= head.number || listener?.message === undefined) return 'complete'
    return owed === undefined ? 'owed' : 'gap'
  }

  function judge(beat: Beat, at: number, before: number): void {
    const isFirst = epoch === undefined
    const verdict = verdictOn(beat, before)
    heardOf = at
    if (verdict === 'owed') {
      owed = { ...beat, at }
      return
    }
    if (verdict === 'complete') accept(beat)
    else {
      restart(beat)
      // what was read before the first answer, by this process or by a command that overtook the question, nothing was
      // heard about
      listener?.[verdict]()
    }
    if (isFirst && listener?.message !== undefined) subscribe()
    listener?.confirmed(at)
  }

  function follow({ number, id, before }: Numbered): void {
    if (number <= head.number) return
    if (number === head.number + 1 && before !== undefined && before === head.id) {
      if (known === head.id) learn(id ?? known)
    } else {
      owed = undefined
      listener?.gap()
    }
    head = { number, id }
    if (owed === undefined || number < owed.sent) return
    if (id === owed.last) listener?.confirmed(owed.at)
    owed = undefined
  }

  async function ask(): Promise<void> {
    const at = clock.now()
    askedAt = at
    const question = ++questions
    const [before, asker, about] = [head.number, listener, epoch]
    try {
      const answer = await beat(known)
      if (answer.epoch === epoch) isElsewhere = false
      else await locate()
      // where another answer has overtaken it, it may be about what was there before
      if (listener !== asker || question < judged || about !== epoch) return
      judged = question
      judge(answer, at, before)
    } finally {
      if (askedAt === at) askedAt = -Infinity
    }
  }

  function keepAsking(): void {
    // the commands of the cache find out and report; here it only means that nothing is confirmed
    if (clock.now() - askedAt >= PATIENCE) ask().catch(() => {})
    cancel = clock.after(HEARTBEAT, keepAsking)
  }

  function stop(): void {
    cancel()
    listener = undefined
  }

  return {
    listen(heard) {
      stop()
      listener = heard
      epoch = undefined
      known = ''
      owed = undefined
      askedAt = -Infinity
      keepAsking()
      return () => {
        if (listener === heard) stop()
      }
    },
    known: () => known,
    look: ask,
    refuseOther,
    async told({ epoch: toldIn, id, remembers }) {
      const isOther = (): boolean => epoch !== undefined && toldIn !== epoch
      // the second time by a question that was asked after this answer
      for (let i = 0; i < 2 && isOther(); i++) await question.ask()
      refuseOther()
      if (isOther()) {
        throw new TypeError('another database has answered: the log there is not the one that was there before')
      }
      if (remembers) learn(id)
    },
    receive(one) {
      if (one === undefined || listener?.message === undefined) return
      // of another database of the server, or ours has a new log: then the next answer tells
      if (epoch !== undefined && one.epoch !== epoch) return
      if (epoch !== undefined) follow(one)
      if (one.sender !== sender()) listener.message(one.message)
    },
    close: stop,
  }
}
