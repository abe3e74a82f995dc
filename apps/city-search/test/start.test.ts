import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { berlin, fixtureDatabase } from './fixture.ts'

const script = fileURLToPath(new URL('../src/start.ts', import.meta.url))

async function startChild() {
  const child = fork(script, ['--port', '0', '--database', fixtureDatabase()], {
    // So that the packages need no build here.
    execArgv: ['--conditions=@shelflife/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const [{ url }] = await once(child, 'message')
  const response = await fetch(`${url}/search?q=berlin&limit=1`)
  expect(await response.json()).toEqual([berlin])
  return { child, exited }
}

test.each(['SIGTERM', 'SIGINT'] as const)('the service ends by itself on %s', async (signal) => {
  const { child, exited } = await startChild()
  child.kill(signal)

  expect(await exited).toEqual([0, null])
})

test('a service that the demo started ends with the demo', async () => {
  const { child, exited } = await startChild()
  child.disconnect()

  expect(await exited).toEqual([0, null])
})
