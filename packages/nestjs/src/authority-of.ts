import type { Platform } from './platform.ts'
import { isProxyTrusted } from './platform.ts'

/** No host is called so: a request that names two is not looked up. */
const NEITHER = 'two hosts'

/** The host that the platform tells handlers and `@Controller({ host })`. */
export function authorityOf(platform: Platform): string {
  const { request, req, reply } = platform
  const { host, ':authority': asked, 'x-forwarded-host': forwarded } = req.headers as NodeJS.Dict<string>
  if (asked !== undefined && host !== undefined && asked !== host) return NEITHER
  if (forwarded === undefined) return host ?? asked ?? ''
  if (reply !== undefined) return request.host ?? ''
  return isProxyTrusted(platform) ? (forwarded.split(',', 1)[0] ?? '').trimEnd() : (host ?? '')
}
