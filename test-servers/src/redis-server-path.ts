import { programPath } from './program-path.ts'

/**
 * The `redis-server` that the tests start: `REDIS_SERVER`, or the one on the PATH, which is installed where that
 * takes no password.
 *
 * @throws Error that says what to install
 */
export function redisServerPath(): string {
  return programPath({
    name: 'redis-server',
    variable: 'REDIS_SERVER',
    packages: { debian: 'redis-server', brew: 'redis' },
  })
}
