import { programPath } from './program-path.ts'

/**
 * The browser that tests drive: `CHROMIUM`, or `chromium` on the PATH, which is installed where that takes no password.
 *
 * @throws Error that says what to install
 */
export function chromiumPath(): string {
  return programPath({
    name: 'chromium',
    variable: 'CHROMIUM',
    packages: { debian: 'chromium', brew: 'chromium' },
  })
}
