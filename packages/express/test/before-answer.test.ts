import { describe, expect, test } from 'vitest'

import { beforeAnswer } from '../src/before-answer.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { serve } from './serve.ts'

describe.each(FRAMEWORKS)('$name', ({ express }) => {
  test.each(['json', 'parts', 'headers alone'])(
    'no client has any of an answer (%s) before it is settled',
    async (way) => {
      const app = express()
      const order: string[] = []
      app.post('/', (_req, res) => {
        beforeAnswer(res, {
          async settle({ status, headers }) {
            await new Promise((resolve) => setTimeout(resolve, 50))
            order.push(`settled ${status} ${new Map(headers).get('Location')}`)
          },
          fail: () => order.push('failed'),
        })
        res.status(201).location('/there')
        if (way === 'json') return void res.json({ done: true })
        if (way === 'headers alone') res.flushHeaders()
        res.write('{"done":')
        res.end('true}')
      })
      const server = await serve(app)
      const answer = server.get('/', { method: 'POST' }, () => order.push('headers'))
      expect((await answer).text).toBe('{"done":true}')
      expect(order).toEqual(['settled 201 /there', 'headers'])
    },
  )
})
