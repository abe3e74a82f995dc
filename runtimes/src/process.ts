import { runBehaviours } from './run-behaviours.ts'

/** What is common to Node, Bun and Deno. */
declare const process: {
  readonly argv: readonly string[]
  readonly stdout: { write(text: string): unknown }
}

// no timer of a cache does, and some behaviours wait for nothing else
const keptAlive = setInterval(() => {}, 1000)
const [, , url = '', token = ''] = process.argv
process.stdout.write(`${JSON.stringify(await runBehaviours({ url, token }))}\n`)
clearInterval(keptAlive)
