import { randomBytes } from 'node:crypto'

import type { RedisServer } from '@shelflife/test-servers'

import type { OneServer } from './one-server.ts'
import { namesIn, oneServer } from './one-server.ts'
import { HOUR } from './report.ts'
import type { Fault, Run } from './run-fault.ts'
import { faultsOn } from './run-fault.ts'

const ignore = (): void => {}
/** An event loop that runs for ever, in the server. */
const ENDLESS = 'while true do end'

/** Envelopes and fences; ids of tags, the log of messages. */
const [ENTRIES, METADATA] = ['shelflife:*', '{shelflife}:*']

async function spoil(server: RedisServer, pattern: string, how: string): Promise<void> {
  const names = await namesIn(server, pattern)
  const script = `for _, k in ipairs(KEYS) do redis.call('DEL', k) ${how} end`
  await server.command('EVAL', script, names.length, ...names, randomBytes(200).toString('latin1'))
}

/** Where its wall clock can be set. */
const clockFaults: readonly Fault<OneServer>[] = [-HOUR, HOUR].map((offset) => ({
  name: `clock of the server set ${offset < 0 ? 'back' : 'forward'} by an hour`,
  server: { hasOwnClock: true },
  cause: ({ server }) => server.setClock(offset),
  heal: ({ server }) => server.setClock(0),
}))

export const serverFaults: readonly Run[] = faultsOn(oneServer, [
  {
    name: 'server absent at start',
    isFirst: true,
    cause: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart(),
  },
  {
    name: 'server killed, restarted after 3 s',
    lasts: 3000,
    cause: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart(),
  },
  {
    name: 'SIGSTOP for 5 s',
    lasts: 5000,
    cause: ({ server }) => server.pause(),
    heal: ({ server }) => server.resume(),
  },
  {
    name: 'READONLY replica',
    cause: ({ server }) => server.command('REPLICAOF', '127.0.0.1', 1),
    heal: ({ server }) => server.command('REPLICAOF', 'NO', 'ONE'),
  },
  {
    name: 'OOM with noeviction',
    cause: ({ server }) => server.command('CONFIG', 'SET', 'maxmemory', 1),
    heal: ({ server }) => server.command('CONFIG', 'SET', 'maxmemory', 0),
  },
  {
    name: 'LOADING',
    server: {
      config: ['enable-debug-command yes', 'key-load-delay 100', 'loading-process-events-interval-bytes 1024'],
    },
    async cause({ server }) {
      await server.command('DEBUG', 'POPULATE', 20_000)
      // nothing may be written between the two, or it would be lost
      await server.command('SHUTDOWN', 'SAVE').catch(ignore)
      await server.restart()
    },
    lasts: 0,
  },
  {
    name: 'BUSY script',
    lasts: 3000,
    server: { config: ['busy-reply-threshold 300'] },
    cause({ server }) {
      server.command('EVAL', ENDLESS, 0).catch(ignore)
    },
    heal: ({ server }) => server.command('SCRIPT', 'KILL'),
  },
  { name: 'NOSCRIPT after SCRIPT FLUSH', every: 50, cause: ({ server }) => server.command('SCRIPT', 'FLUSH') },
  {
    name: 'wrong password after rotation',
    server: { acl: ['default off', 'app on >first ~* &* +@all'] },
    async cause({ server }) {
      await server.command('ACL', 'SETUSER', 'app', 'resetpass', '>second')
      await server.command('CLIENT', 'KILL', 'USER', 'app')
    },
    heal: ({ server }) => server.command('ACL', 'SETUSER', 'app', '>first'),
  },
  {
    name: 'wrong type under our entries',
    every: 100,
    cause: ({ server }) => spoil(server, ENTRIES, "redis.call('SADD', k, ARGV[1])"),
  },
  {
    name: 'random bytes under our entries',
    every: 100,
    cause: ({ server }) => spoil(server, ENTRIES, "redis.call('SET', k, ARGV[1])"),
  },
  {
    name: 'wrong type under our metadata',
    every: 100,
    cause: ({ server }) => spoil(server, METADATA, "redis.call('SADD', k, ARGV[1])"),
  },
  {
    name: 'evicted metadata',
    every: 50,
    async cause({ server }) {
      const names = [...(await namesIn(server, '*:f')), ...(await namesIn(server, METADATA))]
      if (names.length > 0) await server.command('DEL', ...names)
    },
  },
  { name: 'FLUSHALL by somebody else', every: 200, cause: ({ server }) => server.command('FLUSHALL') },
  {
    name: 'subscriber connection killed',
    every: 200,
    cause: ({ server }) => server.command('CLIENT', 'KILL', 'TYPE', 'pubsub'),
  },
  ...(process.platform === 'linux' ? clockFaults : []),
])
