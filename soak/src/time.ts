/**
 * Milliseconds on the monotonic clock of the machine, which all its processes share. The check goes by this one and by
 * no other; the caches get clocks of their own that are wrong.
 */
export const machineTime = (): number => Number(process.hrtime.bigint()) / 1e6
