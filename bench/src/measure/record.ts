const record = (id: number): object => ({
  id,
  name: `product ${id}`,
  price: id * 1.5,
  tags: ['a', 'b'],
  isSold: id % 2 === 0,
  changedAt: '2026-01-01T00:00:00Z',
})

/** How large values are as JSON, by what they are measured as. */
export const SIZES = ['200 B', '10 kB', '200 kB'] as const
export type Size = (typeof SIZES)[number]

/** What is kept remotely: records as a service has them. */
export const VALUES: Readonly<Record<Size, object>> = {
  '200 B': { ...record(1), text: 'x'.repeat(80) },
  '10 kB': Array.from({ length: 100 }, (_, id) => record(id)),
  '200 kB': Array.from({ length: 2000 }, (_, id) => record(id)),
}
