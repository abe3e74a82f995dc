import { globSync } from 'node:fs'

import { programPath } from './program-path.ts'

/**
 * The library that gives a program a wall clock of its own: `FAKETIME_LIBRARY`, or that of the package `faketime`, which
 * is installed where that takes no password. Linux only.
 *
 * @throws Error that says what to install
 */
export function fakeClockPath(): string {
  const given = process.env['FAKETIME_LIBRARY']
  if (given !== undefined && given !== '') return given
  programPath({ name: 'faketime', variable: 'FAKETIME', packages: { debian: 'faketime', brew: 'libfaketime' } })
  const [found] = globSync('/usr/{lib,lib64}/{,*/}faketime/libfaketimeMT.so.1')
  if (found !== undefined) return found
  throw new Error('The tests need libfaketimeMT.so.1. Install faketime or name the file in FAKETIME_LIBRARY.')
}
