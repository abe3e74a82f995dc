import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { TestProjectConfiguration } from 'vitest/config'
import { defineConfig } from 'vitest/config'

const conditions = ['@shelflife/source', 'module', 'node', 'development|production']

const ALL = 'test/**/*.test.ts'
/** They load several processes and measure how long callers wait, so nothing else runs meanwhile. */
const ALONE = [
  'test/busy/*.test.ts',
  'test/faults/*.test.ts',
  'test/hot-key.test.ts',
  'test/p2-one-load-across-processes.test.ts',
  'test/p6-bus.test.ts',
  'test/topology/*.test.ts',
]
/** Their tests wait for time to pass on real servers, and leave the processor alone meanwhile. */
const WAITING = new Set(['express', 'hono', 'ioredis', 'nestjs', 'node-redis', 'sqlite', 'upstash'])

interface Part {
  readonly root: string
  readonly name?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  /** Parts of one order run together. */
  readonly order: number
  readonly workers: number
}

const part = ({ root, name, include = [ALL], exclude = [], order, workers }: Part): TestProjectConfiguration => ({
  root,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: name ?? basename(root),
    include: [...include],
    exclude: ['**/node_modules/**', ...exclude],
    maxWorkers: workers,
    // of those that run alone each has servers and clients of its own
    maxConcurrency: workers === 1 ? 5 : 7,
    // nothing that one file leaves behind reaches another; only mocks of modules would
    isolate: basename(root) === 'env',
    sequence: { groupOrder: order },
    // CI shows the message of a failure and not its difference, so the message has to say what was found
    chaiConfig: { truncateThreshold: 1000 },
    // against hanging; a machine that is busy is no failure
    testTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } },
    setupFiles: [join(import.meta.dirname, 'test-servers/src/patient-waits.ts')],
    // Type errors elsewhere are what `pnpm typecheck` reports.
    typecheck: {
      enabled: name === undefined,
      include: ['test/**/*.test-d.ts'],
      tsconfig: 'test/tsconfig.json',
      ignoreSourceErrors: true,
    },
  },
})

const roots = globSync(['{packages,apps}/*/package.json', '{bench,http-suite,runtimes,test-servers}/package.json']).map(
  dirname,
)

export default defineConfig({
  test: {
    // Once for all projects: the servers that tests start are installed where they are missing, or the run fails.
    globalSetup: '@shelflife/test-servers/global-setup',
    projects: [
      ...roots.map((root) =>
        WAITING.has(basename(root))
          ? part({ root, exclude: ALONE, order: 1, workers: 4 })
          : part({ root, order: 0, workers: 2 }),
      ),
      ...['ioredis', 'node-redis', 'upstash'].map((name) =>
        part({ root: `packages/${name}`, name: `${name} alone`, include: ALONE, order: 2, workers: 1 }),
      ),
      part({ root: 'soak', order: 2, workers: 1 }),
    ],
  },
})
