/** What every codec carries. */
export const PLAIN_SAMPLES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  127,
  128,
  65_536,
  2 ** 31,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 64,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  0.1,
  -1e-7,
  '',
  'text',
  '\0\n"\\\u2028\u2029\ufeff\ufffe',
  'é e\u0301 日本 👩‍👩‍👧 \u{10ffff}',
  'x'.repeat(2 ** 20),
  [],
  {},
  [[], [[]], {}],
  { a: { b: { c: [1, 'two', null, { d: false }] } } },
  { z: 1, a: 2, 10: 3, 9: 4, '': 5, ' ': 6 },
  JSON.parse(
    '{"constructor":1,"prototype":2,"toString":3,"valueOf":4,"hasOwnProperty":5,"length":6,"then":7,"toJSON":8}',
  ),
  Array.from({ length: 1000 }, (_, i) => ({ id: i, name: `name ${i}`, isEven: i % 2 === 0 })),
  [1, 1.5, '1', true, null, [1], { 1: 1 }],
]

/** A value inside `levels` objects and arrays. */
export function nested(value: unknown, levels: number): unknown {
  let outer = value
  for (let i = 0; i < levels; i++) outer = i % 2 === 0 ? [outer] : { inner: outer }
  return outer
}
