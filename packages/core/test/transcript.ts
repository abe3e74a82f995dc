import type { Cache, EventType } from '@shelflife/core'

const TYPES: { readonly [Type in EventType]: true } = {
  hit: true,
  stale: true,
  miss: true,
  join: true,
  wait: true,
  load: true,
  loadFailure: true,
  commit: true,
  refuse: true,
  skip: true,
  evict: true,
  invalidate: true,
  expire: true,
  invalidateTags: true,
  expireTags: true,
  corrupt: true,
  storeError: true,
  overflow: true,
  advice: true,
  breaker: true,
  gap: true,
  untold: true,
  backgroundError: true,
}
const TOLD: readonly string[] = ['store', 'because', 'reason', 'remote', 'command', 'state']

/** Writes down what a cache tells, such as `hit local` or `stale remote load-failed`. Returns what takes it. */
export function transcript({ on }: Pick<Cache<never>, 'on'>): () => string[] {
  const lines: string[] = []
  for (const type of Object.keys(TYPES) as EventType[]) {
    on(type, (event) => {
      const told = Object.entries(event).filter(([name]) => TOLD.includes(name))
      lines.push([type, ...told.map(([, value]) => value as string)].join(' '))
    })
  }
  return () => lines.splice(0)
}
