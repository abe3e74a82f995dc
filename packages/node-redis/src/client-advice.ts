import type { Advice } from '@shelflife/core'

/** About a client of one server that was given to the store: node-redis has no setting for it. */
export const clientAdvice: readonly Advice[] = [
  {
    about: 'client-settings',
    problem: 'the client stays with a master that becomes a replica; one that the store makes, of a URL, leaves it',
  },
]
