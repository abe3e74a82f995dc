/** RFC 9110 §9.2.1 */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether a method changes nothing. */
export const isSafeMethod = (method: string | undefined): boolean => SAFE_METHODS.has(method ?? '')
