import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Vite } from 'vitest/node'
import { startVitest } from 'vitest/node'

import { mutations } from './mutations.ts'
import type { Mutation } from './mutations.ts'

/**
 * Runs the schedule tests, those of the Redis store on a server in this process, and those of whose a response is, against sources that are broken on
 * purpose, one rule at a time: they have to fail each time.
 * Nothing is changed on disk. `pnpm mutations joining` runs those whose name contains the word, and `--dry-run` only looks
 * whether the sources still have what is to be broken.
 */

// some of these windows are narrow
process.env['SCHEDULE_TIMES'] ??= '3'

const conditions = ['@shelflife/source', 'module', 'node', 'development|production']

function mutated(source: string, { name, file, edits }: Mutation): string {
  return edits.reduce((text, [from, to]) => {
    const parts = text.split(from)
    if (parts.length === 2) return parts.join(to)
    throw new Error(`${name}: ${file} has this ${parts.length - 1} times instead of once:\n${from}`)
  }, source)
}

let applied = false

function mutate(mutation: Mutation): Vite.Plugin {
  const path = resolve(mutation.file)
  return {
    name: 'mutate',
    enforce: 'pre',
    transform(source, id) {
      if (id.split('?')[0] !== path) return undefined
      applied = true
      return mutated(source, mutation)
    },
  }
}

/** The names of the tests that failed; throws when something other than a test did. */
async function failures(mutation: Mutation): Promise<readonly string[]> {
  applied = false
  const failed: string[] = []
  const broken: unknown[] = []
  const vitest = await startVitest(
    'test',
    mutation.within === undefined ? [] : [mutation.within],
    {
      root: resolve('packages', mutation.tests ?? 'core'),
      config: false,
      watch: false,
      // it would hand out the sources of the mutation before
      fsModuleCache: false,
      bail: 1,
      include: [
        'test/schedules/**/*.test.ts',
        'test/simulated-server.test.ts',
        'test/bus.test.ts',
        'test/one-key.test.ts',
        'test/repeated-commands.test.ts',
        'test/nodes.test.ts',
        'test/within-load.test.ts',
        'test/in-front.test.ts',
        'test/serving-stale.test.ts',
        'test/variants.test.ts',
      ],
      silent: true,
      reporters: [
        {
          onTestCaseResult(test) {
            const { errors = [] } = test.result()
            for (const { message } of errors) failed.push(`${test.name} (${message.split('\n')[0]})`)
          },
          onTestModuleEnd: (module) => void broken.push(...module.errors()),
          onTestRunEnd: (_, unhandled) => void broken.push(...unhandled),
        },
      ],
    },
    { resolve: { conditions }, ssr: { resolve: { conditions } }, plugins: [mutate(mutation)] },
  )
  await vitest.close()
  process.exitCode = 0
  if (!applied) throw new Error(`${mutation.name}: the tests did not load ${mutation.file}`)
  if (broken.length > 0) throw new Error(`${mutation.name}: not a failing test`, { cause: broken })
  return failed
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'dry-run': { type: 'boolean', default: false } },
})
const [wanted = ''] = positionals
const chosen = mutations.filter(({ name }) => name.includes(wanted))
// a snippet that has moved is seen at once and not after half an hour
for (const mutation of chosen) mutated(readFileSync(mutation.file, 'utf8'), mutation)

const survivors: string[] = []
for (const mutation of values['dry-run'] ? [] : chosen) {
  const startedAt = performance.now()
  // the schedules are random, and some of these windows are narrow: what survives gets other seeds once
  const killer = (await failures(mutation))[0] ?? (await failures(mutation))[0]
  const seconds = `${Math.round((performance.now() - startedAt) / 1000)} s`
  console.log(
    killer === undefined
      ? `SURVIVED ${mutation.name} (${seconds})`
      : `killed   ${mutation.name} (${seconds}): ${killer}`,
  )
  if (killer === undefined) survivors.push(mutation.name)
}
if (!values['dry-run']) console.log(`${chosen.length - survivors.length} of ${chosen.length} mutations killed`)
process.exitCode = survivors.length > 0 || chosen.length === 0 ? 1 : 0
