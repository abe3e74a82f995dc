/** Milliseconds since 1970: what HTTP dates are compared with. Nothing else in the package reads the wall clock. */
// oxlint-disable-next-line no-restricted-properties
export const wallClock = (): number => Date.now()
