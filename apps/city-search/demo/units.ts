const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const decimals = new Intl.NumberFormat('en', {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 2,
  roundingPriority: 'lessPrecision',
})
const percents = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

export function count(number: number): string {
  return integers.format(number)
}

export function percent(part: number, whole: number): string {
  return percents.format(whole === 0 ? 0 : part / whole)
}

export function milliseconds(ms: number): string {
  return `${decimals.format(ms)} ms`
}

export function seconds(ms: number): string {
  return `${decimals.format(ms / 1_000)} s`
}
