import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'

/** Runs `broken/<name>.fixture.ts`, whose tests are to fail, and prints the titles of those that did, or did not. */
const [, , name, state = 'failed'] = process.argv
const titles: string[] = []
const vitest = await startVitest('test', [], {
  root: fileURLToPath(new URL('..', import.meta.url)),
  config: false,
  watch: false,
  include: [`broken/${name}.fixture.ts`],
  reporters: [{ onTestCaseResult: (test) => void (test.result().state === state && titles.push(test.name)) }],
})
await vitest.close()
process.exitCode = 0
process.stdout.write(`\n${JSON.stringify(titles)}`)
