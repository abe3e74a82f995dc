/** Wall clock, in ms. */
export const wallClock = (): number => Math.floor(performance.timeOrigin + performance.now())
