import { opensslPath } from './certificates.ts'
import { fakeClockPath } from './fake-clock-path.ts'
import { redisServerPath } from './redis-server-path.ts'

/** For `globalSetup` of vitest: what the servers need is there before the first test, or the run fails and says so. */
export function setup(): void {
  redisServerPath()
  opensslPath()
  if (process.platform === 'linux') fakeClockPath()
}
