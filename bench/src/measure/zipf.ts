/** Whole numbers from 0 up to `size`, of which number `i` comes in proportion to `1 / (i + 1) ** exponent`. */
export function createZipf(size: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(size)
  let sum = 0
  for (let i = 0; i < size; i++) {
    sum += (i + 1) ** -exponent
    sums[i] = sum
  }
  return () => {
    const aim = random() * sum
    let low = 0
    let high = size - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) > aim) high = middle
      else low = middle + 1
    }
    return low
  }
}
