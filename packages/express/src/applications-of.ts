import type { Application } from 'express'

type Mounted = Application & { readonly parent?: Mounted }

/** An application and those that it is mounted in, the outermost last. */
export function applicationsOf(app: Application): readonly [Application, ...Application[]] {
  const { parent } = app as Mounted
  return parent === undefined ? [app] : [app, ...applicationsOf(parent)]
}
