import type { IoredisTarget } from '@shelflife/ioredis'

/** What a process of callers is told when it starts. */
export interface CallersSetup {
  readonly namespace: string
  /** Where the cache under test connects to, and the one that stands for another process. */
  readonly here: IoredisTarget
  readonly elsewhere: IoredisTarget
  readonly isLocal: boolean
  /** Whether the fault is there from the start. */
  readonly isFaulty: boolean
  readonly readers: number
}

export type LoaderMode = 'works' | 'throws' | 'hangs' | 'undefined' | 'non-error' | 'late' | 'huge'

/** What it is told later. */
export type Order =
  | { readonly order: 'fault' | 'healed' | 'stop' }
  | { readonly order: 'loader'; readonly mode: LoaderMode }
  /** Blocks the event loop. */
  | { readonly order: 'block'; readonly ms: number }
  /** Sets the wall clock of the process. */
  | { readonly order: 'clock'; readonly offset: number }
  /** Reads so many keys that nobody read before. */
  | { readonly order: 'distinct'; readonly keys: number }

/** What it says. */
export type Word =
  | { readonly word: 'ready' | 'recovered' | 'distinct' }
  | { readonly word: 'report'; readonly report: Report }

/** `recovering` is from the end of the fault until one process has what another one stored. */
export type Phase = 'before' | 'fault' | 'recovering' | 'after'

export interface PhaseReport {
  /** By what the caller saw. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly loads: number
  /** Milliseconds. */
  readonly slowest: number
  /** Of calls during which another process was loading the key. */
  readonly slowestWaiter: number
  /** Of calls that invalidate. */
  readonly slowestInvalidation: number
}

export interface Report {
  readonly phases: Readonly<Record<Phase, PhaseReport>>
  /** Milliseconds; -1 if it never did. */
  readonly recovery: number
  /** What the caches said of themselves at the end, as JSON. */
  readonly states: readonly string[]
  readonly wrong: readonly string[]
  /** Calls of more than a second. */
  readonly slow: readonly string[]
  readonly hung: readonly string[]
  /** Rejections that nobody handled and exceptions that nobody caught. */
  readonly unhandled: readonly string[]
  /** In the local store. */
  readonly entries: number
  readonly heap: number
}

/** Milliseconds. */
export const HOUR = 3_600_000
export const LOAD = 20
export const HARD_TIMEOUT = 1000
export const LEASE = 3000
export const MAX_DRIFT = 1000
export const PARTITION_TTL = 2000
export const BUDGET = { read: 100, write: 500 }
