import type { Loader } from './loader.ts'
import { createLoader } from './loader.ts'
import type { Notes } from './notes.ts'
import { createNotes } from './notes.ts'
import type { Phase } from './report.ts'
import type { Versions } from './versions.ts'
import { createVersions } from './versions.ts'

/** What all callers of one process share. */
export interface Course {
  readonly namespace: string
  readonly notes: Notes
  readonly versions: Versions
  readonly loader: Loader
  readonly wrong: string[]
  readonly slow: string[]
  /** Calls that have not been answered. */
  readonly pending: Set<string>
  isOver: boolean
}

export function createCourse(namespace: string, phase: Phase): Course {
  const versions = createVersions()
  return {
    namespace,
    notes: createNotes(phase),
    versions,
    loader: createLoader(versions.current),
    wrong: [],
    slow: [],
    pending: new Set(),
    isOver: false,
  }
}
