/** Of an even number of figures, the mean of the two in the middle; `NaN` of none. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

/** The figure below which `share` of all are, interpolated; `NaN` of none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const lower = sorted[Math.floor(place)] ?? Number.NaN
  const upper = sorted[Math.ceil(place)] ?? Number.NaN
  return lower + (upper - lower) * (place - Math.floor(place))
}
