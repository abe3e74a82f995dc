import type { Forked } from './fork-process.ts'
import { forkProcess } from './fork-process.ts'

/** How a process reaches Redis. */
export interface Link {
  readonly url: string
  /** Ends all connections and takes none. */
  cut(): Promise<void>
  restore(): Promise<void>
  /** Connections stay open, and nothing passes. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

export interface LinkSetup {
  readonly redis: { readonly host: string; readonly port: number }
  /** Milliseconds. */
  readonly roundTrip: number
  /** Ends in the REST front of Redis. */
  readonly isRest: boolean
}

/** In a process of its own, so that it goes on while this one stands still or computes. */
export async function startLink(setup: LinkSetup): Promise<Link> {
  const child: Forked = forkProcess(new URL('children/link.ts', import.meta.url), setup)
  const url = await child.heard<string>()
  async function tell(word: 'cut' | 'restore'): Promise<void> {
    child.tell(word)
    await child.heard()
  }
  const { pause, resume, kill } = child
  return { url, cut: () => tell('cut'), restore: () => tell('restore'), pause, resume, stop: kill }
}
