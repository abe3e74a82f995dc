import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConsumers } from './check-consumers.ts'
import { checkNext } from './check-next.ts'
import { checkReadmeExample } from './check-readme-example.ts'

/** Checks what would be published: every package is packed, and only the tarballs are looked at. */

const packed = mkdtempSync(join(tmpdir(), 'shelflife-packed-'))
const run = (command: string, ...args: string[]): unknown => execFileSync(command, args, { stdio: 'inherit' })

try {
  run('pnpm', '--silent', '--filter', './packages/*', 'exec', 'pnpm', '--silent', 'pack', '--pack-destination', packed)
  const tarballs = readdirSync(packed).map((file) => join(packed, file))
  for (const tarball of tarballs) {
    run('publint', 'run', tarball, '--strict')
    // vitest cannot be required, so conformance is for `import` alone
    const profile = tarball.includes('-conformance-') ? 'esm-only' : 'strict'
    run('attw', tarball, '--profile', profile, '--no-definitely-typed', '--format', 'ascii')
  }
  checkReadmeExample(tarballs)
  checkConsumers(tarballs)
  if (process.argv.includes('--next')) await checkNext(tarballs)
} finally {
  rmSync(packed, { recursive: true })
}
