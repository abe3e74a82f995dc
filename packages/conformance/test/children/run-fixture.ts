import { fileURLToPath } from 'node:url'
import type { TestCase } from 'vitest/node'
import { startVitest } from 'vitest/node'

/** Runs a file of suites that are to fail and prints what became of each test, by suite. */
const conditions = ['@shelflife/source', 'module', 'node', 'development|production']
const root = fileURLToPath(new URL('..', import.meta.url))
const results: Record<string, { failed: string[]; passed: string[] }> = {}

function keep(test: TestCase): void {
  const [suite = '', ...path] = test.fullName.split(' > ')
  const { state } = test.result()
  const result = (results[suite] ??= { failed: [], passed: [] })
  if (state === 'failed' || state === 'passed') result[state].push(path.join(' > '))
}

const vitest = await startVitest(
  'test',
  [],
  {
    root,
    config: false,
    watch: false,
    include: [`broken/${process.argv[2]}.fixture.ts`],
    testTimeout: 2000,
    reporters: [{ onTestCaseResult: keep }],
  },
  { resolve: { conditions }, ssr: { resolve: { conditions } } },
)
await vitest.close()
process.exitCode = 0
process.stdout.write(`\n${JSON.stringify(results)}`)
