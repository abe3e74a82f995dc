/** Three digits, as many as a shared machine is good for. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

/** A ratio with two decimals, or three digits where it is large. */
export const ratio = (value: number): string => (value < 10 ? value.toFixed(2) : digits(value))

/** Nanoseconds in the unit that suits them. */
export function duration(nanoseconds: number): string {
  if (!Number.isFinite(nanoseconds)) return '–'
  if (nanoseconds < 1e3) return `${digits(nanoseconds)} ns`
  if (nanoseconds < 1e6) return `${digits(nanoseconds / 1e3)} µs`
  if (nanoseconds < 1e9) return `${digits(nanoseconds / 1e6)} ms`
  return `${digits(nanoseconds / 1e9)} s`
}

/** Bytes in the unit that suits them, in powers of ten. */
export function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–'
  if (Math.abs(bytes) < 1e3) return `${digits(bytes)} B`
  if (Math.abs(bytes) < 1e6) return `${digits(bytes / 1e3)} kB`
  return `${digits(bytes / 1e6)} MB`
}
