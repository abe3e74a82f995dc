import { readdirSync } from 'node:fs'

/** DESIGN: which packages the sources of a package may import. */
const packages = {
  core: [],
  memory: ['core'],
  msgpack: ['core'],
  redis: ['core', 'msgpack'],
  ioredis: ['redis', 'core'],
  'node-redis': ['redis', 'core'],
  upstash: ['redis', 'core'],
  sqlite: ['msgpack', 'core'],
  env: ['memory', 'ioredis', 'upstash', 'sqlite', 'core'],
  http: ['core'],
  express: ['http', 'core'],
  hono: ['http', 'core'],
  nestjs: ['http', 'core'],
  conformance: ['core'],
}

/** Run on Bun, Deno and Workers as well, and in no way that only Node has; `runtimes` executes them there. */
const everywhere = ['core', 'memory', 'msgpack', 'redis', 'upstash', 'http', 'hono', 'env']

/** The rows of core: a file imports from its own row and from the rows above it. */
const rows = [
  ['store', 'codec', 'bus', 'clock', 'load-guard'],
  ['errors', 'events', 'duration'],
  [
    'one-per-process',
    'flat-copy',
    'memo-budget',
    'known-keys',
    'built-in',
    'key',
    'key-memo',
    'lifetime',
    'tiers',
    'entry',
    'checksum',
    'envelope',
    'json-codec',
    'read-once',
    'isolate',
  ],
  ['logger', 'options'],
  [
    'health',
    'flight',
    'request',
    'remote',
    'pulse',
    'allowance',
    'deadline',
    'background',
    'redact',
    'backoff',
    'circuit',
    'tags',
    'watches',
    'sweep',
    'invalidations',
    'keep-alive',
    'wrapped',
    'async-hooks',
    'within-load',
    'stats',
  ],
  ['engine'],
  ['loader', 'load', 'read', 'invalidate', 'set'],
  ['cached', 'cached-function', 'cache'],
  ['entry-of'],
  ['index', 'inspect', 'integration'],
]

/** Guards of loads, an entry of its own: they know the words and the contract, and nothing in core knows them. */
const guards = ['limit-loads', 'retry-loads', 'loads']

/** What comes with a remote store: it works for the algorithms and must not be imported by them. */
const protocol = [
  'sha256',
  'short-key',
  'quarantine',
  'recent',
  'breaker',
  'window',
  'turn',
  'node',
  'recalls',
  'outbox',
  'commands',
  'remote-policy',
  'store-options',
  'coherence',
  'records',
  'advice',
  'permit',
  'protocol',
]

refuseUnplaced('packages', Object.keys(packages))
refuseUnplaced(
  'packages/core/src',
  [...rows.flat(), ...guards, ...protocol].map((name) => `${name}.ts`),
)

/** A name without a place here would be free to import anything. */
function refuseUnplaced(folder, placed) {
  const unplaced = readdirSync(folder).filter((name) => !placed.includes(name))
  if (unplaced.length > 0) throw new Error(`${folder}: place ${unplaced.join(', ')} in .dependency-cruiser.mjs`)
}

const anyOf = (names) => `(${names.join('|')})`

const packageRules = Object.entries(packages).map(([name, allowed]) => ({
  name: `packages/${name}`,
  comment: `imports only ${allowed.join(', ') || 'itself'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/` },
  to: { path: '^(packages|apps|bench)/', pathNot: `^packages/${anyOf([name, ...allowed])}/src/` },
}))

const rowRules = rows.slice(0, -1).map((row, index) => ({
  name: `core row ${index + 1}`,
  comment: `imports only from ${rows
    .slice(0, index + 1)
    .flat()
    .join(', ')}`,
  severity: 'error',
  from: { path: `^packages/core/src/${anyOf(row)}\\.ts$` },
  to: { path: `^packages/core/src/${anyOf(rows.slice(index + 1).flat())}\\.ts$` },
}))

const protocolRules = [
  {
    name: 'core protocol',
    comment: 'is reached through the store alone, so that a cache without a remote store does not carry it',
    severity: 'error',
    from: { path: `^packages/core/src/${anyOf(rows.flat())}\\.ts$` },
    to: {
      path: `^packages/core/src/${anyOf([...protocol, 'envelope', 'checksum', 'json-codec'])}\\.ts$`,
      pathNot: '/(envelope|checksum)\\.ts$',
    },
  },
]

const guardRules = [
  {
    name: 'core guards',
    comment: 'import contracts and words',
    severity: 'error',
    from: { path: `^packages/core/src/${anyOf(guards)}\\.ts$` },
    to: { path: '^packages/', pathNot: `^packages/core/src/${anyOf([...guards, ...rows.slice(0, 2).flat()])}\\.ts$` },
  },
  {
    name: 'core without guards',
    comment: 'a cache that nothing limits does not carry them',
    severity: 'error',
    from: { path: `^packages/core/src/${anyOf([...rows.flat(), ...protocol])}\\.ts$` },
    to: { path: `^packages/core/src/${anyOf(guards)}\\.ts$` },
  },
]

const runtimeRules = [
  {
    name: 'no node: import',
    comment: `${everywhere.join(', ')} run where there is no Node`,
    severity: 'error',
    from: { path: `^packages/${anyOf(everywhere)}/src/` },
    to: { dependencyTypes: ['core'] },
  },
]

/** Private, and part of the builds of the packages for frameworks on Node. */
const nodeHttpRules = [
  {
    name: 'node-http is for frameworks on Node',
    comment: 'express and nestjs alone contain it',
    severity: 'error',
    from: { path: '^packages/', pathNot: '^packages/(express|nestjs)/src/' },
    to: { path: '^node-http/' },
  },
  {
    name: 'node-http knows the words of http and the clock of core',
    comment: 'imports types of http, and whatever sets a timer does so by the clock',
    severity: 'error',
    from: { path: '^node-http/' },
    to: { path: '^(packages|apps|bench)/', pathNot: '^packages/(http/src/|core/src/index\\.ts$)' },
  },
]

export default {
  forbidden: [...packageRules, ...rowRules, ...protocolRules, ...guardRules, ...runtimeRules, ...nodeHttpRules],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@shelflife/source', 'import', 'node', 'default'],
    },
  },
}
