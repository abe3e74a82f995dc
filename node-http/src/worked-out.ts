import { isDeepStrictEqual } from 'node:util'

interface Application {
  get(setting: string): unknown
}

/** What the key has of a request, as the application has worked it out that the cache stands in. */
interface KeyedUri {
  readonly scheme: string
  readonly authority: string
}

/** Whether what an application works out is what the key has, or a part of that. */
export const isInKey = (name: string, value: unknown, { scheme, authority }: KeyedUri): boolean =>
  name === 'protocol'
    ? value === scheme
    : (value === undefined || typeof value === 'string') && authority.startsWith(value ?? '')

/** Whether an application of Express that is called behind the cache believes a proxy which the one with the cache may not believe. */
export function trustsOthers(inner: unknown, outer: unknown): boolean {
  const [trusted, before] = [inner, outer].map((app) => (app as Application | undefined)?.get('trust proxy'))
  return Boolean(trusted) && !isDeepStrictEqual(trusted, before)
}
