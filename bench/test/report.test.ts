import { expect, test } from 'vitest'

import { chart } from '../src/report/chart.ts'
import { digits, duration, ratio, size } from '../src/report/figures.ts'
import { tableText } from '../src/report/table.ts'
import { withBlocks } from '../src/report/with-blocks.ts'

const PAGE = `# Page

<!-- hit: begin -->

old

<!-- hit: end -->

Prose stays.

<!-- set: begin -->
<!-- set: end -->
`

test('what is generated replaces what is between its marks, and prose stays', () => {
  const page = withBlocks(PAGE, new Map([['hit', 'new']]))
  expect(page).toContain('<!-- hit: begin -->\n\nnew\n\n<!-- hit: end -->')
  expect(page).not.toContain('old')
  expect(page).toContain('Prose stays.')
  expect(page).toContain('<!-- set: begin -->\n<!-- set: end -->')
  expect(withBlocks(page, new Map([['hit', 'new']]))).toBe(page)
})

test('a block without a place is an error, not lost', () => {
  expect(() => withBlocks(PAGE, new Map([['remote', 'new']]))).toThrow('no place for remote')
})

test('a table has its figures to the right, and a bar in a cell does not end it', () => {
  expect(tableText({ head: ['', 'time'], rows: [['a|b', '1 ns']] })).toBe(
    ['|      | time |', '| ---- | ---: |', String.raw`| a\|b | 1 ns |`].join('\n'),
  )
})

test('figures have three digits and the unit that suits them', () => {
  expect([0.1234, 12.34, 123.4, 1234.5].map(digits)).toEqual(['0.123', '12.3', '123', '1,235'])
  expect([1, 82.61, 1500, 2.5e6, 3e9].map(duration)).toEqual(['1 ns', '82.6 ns', '1.5 µs', '2.5 ms', '3 s'])
  expect([12, 1500, 2.5e6, -2000].map(size)).toEqual(['12 B', '1.5 kB', '2.5 MB', '-2 kB'])
  expect([1, 1.204, 25.04].map(ratio)).toEqual(['1.00', '1.20', '25'])
})

test('what was not measured is a dash', () => {
  expect([digits, duration, size].map((text) => text(Number.NaN))).toEqual(['–', '–', '–'])
})

test('the chart is SVG with every panel and every name', () => {
  const bars = [
    { name: 'ours', value: 100 },
    { name: 'other', value: 2000 },
  ]
  const svg = chart(
    [
      { title: 'local hit', bars },
      { title: 'remote hit', bars },
    ],
    'ours',
  )
  expect(svg).toMatch(/^<svg[^>]*>/)
  for (const text of ['local hit', 'remote hit', 'ours', 'other', '2,000']) expect(svg).toContain(text)
})
