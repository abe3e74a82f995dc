import { afterAll, describe, expect, test } from 'vitest'

import { childServer } from './child-server.ts'
import { FAULTY } from './faulty-handlers.ts'
import { FRAMEWORKS } from './frameworks.ts'

describe.each(FRAMEWORKS)('$name', ({ name: framework }) => {
  const server = childServer('head-errors.ts', framework)
  afterAll(() => server.expectAlive())

  describe.each(['GET', 'HEAD', 'POST'])('%s', (method) => {
    test.each(Object.keys(FAULTY))('a handler has its error where Node would throw: %s', async (name) => {
      const plain = await server.ask(`/plain/${name}?${method}`, { method })
      for (const way of ['cached', 'cached', 'invalidates']) {
        expect(await server.ask(`/${way}/${name}?${method}`, { method }), way).toEqual(plain)
      }
    })
  })
})
