import type { Incoming } from '@shelflife/http'
import { pathsLeft } from '@shelflife/http'
import type { Context } from 'hono'

import type { Earlier } from './earlier-headers.ts'
import { environmentOfOne, isOfRuntime } from './environment.ts'
import { namesOf } from './left-properties.ts'

const isOfHono = (object: object, name: string): boolean => namesOf(object).has(name)

const leftOn = pathsLeft({
  places: [
    { path: 'c.var', isOfFramework: () => false },
    { path: 'c', isOfFramework: isOfHono },
    { path: 'c.req', isOfFramework: isOfHono },
    { path: 'c.req.raw', isOfFramework: () => false },
    { path: 'c.env', isOfFramework: (_env, name) => isOfRuntime(name) },
  ],
  status: 'c.res.status',
})

/** What is there for this client, and perhaps for no other: an answer can be made of that, too. */
export const leftInFront = (c: Context, { status }: Earlier): Incoming['left'] =>
  leftOn([c.var as object, c, c.req, c.req.raw, environmentOfOne(c.env)], status)
