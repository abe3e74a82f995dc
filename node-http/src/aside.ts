/** Runs steps that do not count, such as those of Node itself or of what stands in front, and says whether one runs now. */
interface Aside {
  isAside(): boolean
  aside<Result>(step: () => Result): Result
}

/** @example const { aside, isAside } = createAside() */
export function createAside(): Aside {
  let isRunning = false
  return {
    isAside: () => isRunning,
    aside(step) {
      const before = isRunning
      isRunning = true
      try {
        return step()
      } finally {
        isRunning = before
      }
    },
  }
}
