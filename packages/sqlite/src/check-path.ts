import { statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { refuse } from './options.ts'

/** Types of file systems that are on another machine, as Linux names them: NFS, CIFS, SMB, SMB 2, Ceph. */
const REMOTE: ReadonlySet<number> = new Set([0x69_69, 0xff_53_4d_42, 0x51_7b, 0xfe_53_4d_42, 0x00_c3_64_00])

/** A scheme, or a user with a password, wherever it is. */
const URL_OF_ANOTHER = /:\/\/|:[^/\\]*@/

/** Where it cannot be told it is taken for a disk of this machine. */
function isRemote(folder: string): boolean {
  if (process.platform === 'win32') return /^[\\/]{2}(?![.?])/.test(folder)
  if (process.platform !== 'linux') return false
  try {
    return REMOTE.has(statfsSync(folder).type)
  } catch {
    return false
  }
}

/** What is there; where that cannot be told the file will be opened as soon as it can be. */
function kindOf(path: string): 'nothing' | 'folder' | 'something' {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return 'nothing'
    return found.isDirectory() ? 'folder' : 'something'
  } catch {
    return 'something'
  }
}

/**
 * The path from the root: the process may go to another folder later.
 *
 * @throws ShelflifeError `invalid-option` for what no processes of one machine can share
 */
export function checkPath(path: string): string {
  if (typeof path !== 'string' || path === '') {
    refuse(`the path of a SQLite file must be text; received ${path === '' ? 'an empty one' : typeof path}`)
  }
  if (path === ':memory:' || path.startsWith('file:') || URL_OF_ANOTHER.test(path)) {
    // not the text itself, which may be that of another store with a password
    refuse(
      'the path must be that of a file, such as /var/cache/shop.db, and no URL. ' +
        'For a cache in memory take memoryStore of @shelflife/memory',
    )
  }
  if (path.includes('\0')) refuse('the path of a SQLite file must not have a null character in it')
  const whole = resolve(path)
  const [where, folder] = [JSON.stringify(whole), dirname(whole)]
  if (kindOf(whole) === 'folder') refuse(`${where} is a folder; give the path of a file`)
  if (kindOf(folder) === 'nothing') refuse(`${where} cannot be made: its folder does not exist`)
  if (isRemote(folder)) {
    refuse(
      `${where} is on a network share, where SQLite cannot keep processes apart: ` +
        'take a disk of this machine, or a Redis store for several machines',
    )
  }
  return whole
}
