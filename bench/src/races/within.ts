/** Nobody answered in time. */
export class LateError extends Error {
  override name = 'LateError'
}

/** Rejects with a LateError when it takes longer than so many milliseconds. */
export async function within<T>(milliseconds: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(`${what}: no answer in ${milliseconds / 1000} s`)), milliseconds)
  })
  // what comes later is nobody's concern
  promise.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
