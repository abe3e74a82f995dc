import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('where there is no terminal progress is one line, when it is done', () => {
  const program = `
    const { startProgress } = await import(${JSON.stringify(new URL('../src/progress.ts', import.meta.url).href)})
    const update = startProgress('Asking', 3)
    for (const done of [1, 2, 3]) update(done)`
  const said = execFileSync('sh', ['-c', 'exec "$0" --input-type=module -e "$1" 2>&1', process.execPath, program])
  expect(said.toString()).toBe('Asking: 3\n')
})
