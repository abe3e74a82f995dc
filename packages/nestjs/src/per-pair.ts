/** Something made once for each pair of objects. */
export function perPair<First extends object, Second extends object, Made>(): (
  first: First,
  second: Second,
  make: () => Made,
) => Made {
  const all = new WeakMap<First, WeakMap<Second, Made>>()
  return (first, second, make) => {
    const known = all.get(first) ?? new WeakMap<Second, Made>()
    all.set(first, known)
    if (!known.has(second)) known.set(second, make())
    return known.get(second) as Made
  }
}
