/** A target, decoded as routers do. */
function decoded(target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}

/**
 * Whether parameters, of the path or the query, are of the target that was asked for: each text stands in one of these.
 * Routers make them of nothing else, but whoever stands in front of a handler can change them.
 */
export function areOfTarget(params: unknown, targets: readonly (string | undefined)[]): boolean {
  const all = targets.flatMap((target) =>
    target === undefined ? [] : [target, decoded(target), decoded(target.replaceAll('+', ' '))],
  )
  return Object.values(Object(params) as object)
    .flat()
    .every(
      (value) => value === undefined || typeof value === 'object' || all.some((one) => one.includes(String(value))),
    )
}
