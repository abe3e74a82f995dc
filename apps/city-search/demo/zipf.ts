/**
 * Picks by popularity after Zipf: the second is picked half as often as the first, the third a third as often.
 * `random` gives numbers from 0 up to 1.
 */
export function createZipf<Item>(items: readonly Item[], random: () => number): () => Item {
  let total = 0
  const ranked = items.map((item, index) => {
    total += 1 / (index + 1)
    return { item, upTo: total }
  })
  return () => {
    const point = random() * total
    const picked = ranked.find(({ upTo }) => point < upTo)
    if (!picked) throw new RangeError('there is nothing to pick from')
    return picked.item
  }
}
