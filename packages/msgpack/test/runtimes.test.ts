import { expect, test } from 'vitest'

import { runChild } from './run-child.ts'

test('works where code may not be made from strings', async () => {
  expect(await runChild('no-code-generation', { flags: ['--disallow-code-generation-from-strings'] })).toBe('same')
})

test('works without Buffer, as on Workers, and reads what Node wrote', async () => {
  expect(await runChild('no-buffer', { flags: ['--conditions=browser'] })).toBe('same')
})

test('works without the native addon of msgpackr', async () => {
  expect(await runChild('no-addon')).toBe('same')
})

test('compression leaves nothing that keeps the process alive', async () => {
  expect(await runChild('leaves-by-itself')).toBe('same')
})
