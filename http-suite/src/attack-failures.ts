import { expect, test } from 'vitest'

import type { AttackClient } from './attack-client.ts'
import { headOf } from './attack-client.ts'
import { FAULTS, WHOLE } from './attack-failure-handlers.ts'

const SLOW_BODY = /^(?:8 bytes\.){25}end of \d+$/

/** Failures of one run that become the answer to others. */
export function failureAttacks(client: () => AttackClient, { areCutsSeen }: { readonly areCutsSeen: boolean }): void {
  for (const fault of FAULTS) {
    test(`${fault} of one run is the answer to one request`, async () => {
      const { ask } = client()
      const target = `/failing?fault=${fault}`
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => ask(target)))
      expect(answers.filter(({ content }) => content !== 'well').length).toBe(1)
      expect((await ask(target)).content).toBe('well')
    })
  }

  test('a handler that hangs keeps others waiting for no longer than a fill may take', async () => {
    const { ask } = client()
    const first = ask('/hanging')
    await expect.poll(() => client().runs('GET /hanging')).toBe(1)
    const second = await Promise.race([ask('/hanging'), first])
    expect(second.content).toMatch(/^run [2-9]$/)
    await first
    expect((await ask('/hanging')).content).toMatch(/^run [2-9]$/)
  })

  for (const length of ['announced', 'unknown']) {
    test(`half a body of a length that is ${length} is nobody's whole one`, async () => {
      const { ask } = client()
      const target = `/dying?length=${length}`
      const answers = await Promise.all([1, 2, 3].map(() => ask(target)))
      answers.push(await ask(target), await ask(target))
      expect(answers.filter(({ brokenOff, content }) => brokenOff || content !== WHOLE).length).toBe(1)
      if (areCutsSeen) expect(answers.filter(({ brokenOff }) => brokenOff).length).toBe(1)
    })
  }

  test('a client that goes away after 8 bytes takes nothing from others', async () => {
    const { ask, connect } = client()
    const target = '/slow?left'
    const socket = connect()
    const seen = new Promise<void>((resolve) => {
      let text = ''
      socket.on('error', () => {})
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        if (text.includes('8 bytes.')) resolve()
      })
    })
    socket.write(headOf(target, { Host: new URL(client().origin).host }))
    await seen
    const follower = ask(target)
    socket.destroy()
    const contents = [(await follower).content, (await ask(target)).content, (await ask(target)).content]
    for (const content of contents) expect(content).toMatch(SLOW_BODY)
    expect(contents[2]).toBe(contents[1])
  })
}
