import type { CaptureRequest, TagCapture } from '@shelflife/core'

import type { Sql } from './database.ts'
import { rowOf } from './row-of.ts'

/** Ids of tags. What writes is called in a transaction. */
export interface Tags {
  idOf(tag: string, now: number): string | undefined
  capture(request: CaptureRequest, now: number): TagCapture
  invalidate(tags: readonly string[]): void
  expire(tags: readonly string[], now: number): void
}

interface Tag {
  readonly id: string
  readonly changed: number
}

interface Keeping {
  readonly now: number
  readonly ends: number
  readonly invalidated: number
}

interface State {
  readonly epoch: string
  readonly invalidated: number
}

const random = (): string => crypto.randomUUID()

export function createTags(sql: Sql): Tags {
  const find = (tag: string, now: number): Tag | undefined =>
    sql.get<Tag>('SELECT id, changed FROM tags WHERE tag = ? AND ends > ?', rowOf(tag), now)

  const state = (): State => sql.get<State>('SELECT epoch, invalidated FROM state') as State

  /** The count after one more invalidation. */
  function count(): number {
    sql.run('UPDATE state SET invalidated = invalidated + 1')
    return state().invalidated
  }

  /** The id, made where there is none, and since which count it is that. */
  function keep(tag: string, { now, ends, invalidated }: Keeping): Tag & { readonly isNew: boolean } {
    const known = find(tag, now)
    const { id, changed } = known ?? { id: `${random()}.${random()}`, changed: invalidated }
    const into = 'INSERT INTO tags (tag, id, changed, ends) VALUES (?, ?, ?, ?)'
    const again =
      'ON CONFLICT DO UPDATE SET id = excluded.id, changed = excluded.changed, ends = max(ends, excluded.ends)'
    sql.run(`${into} ${again}`, rowOf(tag), id, changed, ends)
    return { id, changed, isNew: known === undefined }
  }

  return {
    idOf: (tag, now) => find(tag, now)?.id,

    capture({ tags, keep: life, since }, now) {
      const { epoch, invalidated } = state()
      const mark = `${epoch} ${invalidated}`
      const [era, count] = since?.split(' ') ?? []
      // of another file: its counts say nothing of this one
      const known = era === epoch ? Number(count) : -1
      const kept = tags.map((tag) => keep(tag, { now, ends: now + life, invalidated }))
      const isProved = ({ changed, isNew }: (typeof kept)[number]): boolean =>
        since === undefined || since === mark || (!isNew && changed <= known)
      return { ids: kept.map((tag) => (isProved(tag) ? tag.id : undefined)), mark }
    },

    invalidate(tags) {
      count()
      for (const tag of tags) sql.run('DELETE FROM tags WHERE tag = ?', rowOf(tag))
    },

    expire(tags, now) {
      const changed = count()
      for (const tag of tags) {
        const known = find(tag, now)
        if (known === undefined) continue
        const id = `${known.id.slice(0, known.id.indexOf('.'))}.${random()}`
        sql.run('UPDATE tags SET id = ?, changed = ? WHERE tag = ?', id, changed, rowOf(tag))
      }
    },
  }
}
