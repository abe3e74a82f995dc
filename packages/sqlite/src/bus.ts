import type { Bus, BusListener, Clock } from '@shelflife/core'

import type { Database } from './database.ts'
import type { Messages } from './messages.ts'
import type { SharedTime } from './shared-time.ts'
import type { Waits } from './waits.ts'

/** Looks into the file for what other processes have done. */
export interface FileBus extends Bus {
  /** Looks as long as anybody listens or waits. */
  open(): void
  close(): void
}

export interface FileBusInput {
  readonly database: Database
  readonly messages: Messages
  readonly waits: Waits
  readonly time: SharedTime
  readonly clock: Clock
}

/** Milliseconds between two looks, each of which takes some microseconds as long as nobody has written. */
const PAUSE = 50
/** While a caller waits for a lease to end. */
const WAITED_FOR = 10

/** SQLite pushes nothing, but says at once whether anybody has written since the last look. */
export function createBus({ database, messages, waits, time, clock }: FileBusInput): FileBus {
  let listener: BusListener | undefined
  let version: string | undefined
  let isOpen = false
  let cancel = (): void => {}

  function hear(): void {
    const heard = database.snapshot(() => {
      time.hear()
      return messages.hear()
    })
    if (heard.missing !== undefined) listener?.[heard.missing]()
    for (const message of heard.messages) listener?.message?.(message)
  }

  function look(): void {
    const at = clock.now()
    const found = database.look(database.version)
    if (found !== version || messages.hasTold()) {
      hear()
      version = found
      waits.look()
    }
    listener?.confirmed(at)
  }

  function keepLooking(): void {
    isOpen = listener !== undefined || !waits.isEmpty()
    if (!isOpen) return
    cancel = clock.after(waits.isEmpty() ? PAUSE : WAITED_FOR, keepLooking)
    try {
      look()
    } catch {
      // the commands of the cache find out and report; here it only means that nothing is confirmed
    }
  }

  function open(): void {
    if (!isOpen) keepLooking()
  }

  return {
    open,
    listen(heard) {
      listener = heard
      try {
        database.look(() => {
          version = database.version()
          messages.begin()
        })
      } catch {
        messages.forget()
      }
      open()
      return () => {
        if (listener === heard) listener = undefined
      }
    },
    close() {
      listener = undefined
      cancel()
      isOpen = false
    },
  }
}
