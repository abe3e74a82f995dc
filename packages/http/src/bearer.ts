import { ShelflifeError } from '@shelflife/core'
import { checkNames, onePerProcess } from '@shelflife/core/integration'

import type { AdminPermission, Authorize } from './admin-identity.ts'
import { adminPermissions } from './admin-identity.ts'

/** A token and what it is good for. */
export interface BearerToken {
  /** A secret of at least 32 visible characters, made at random: `openssl rand -base64 32`. */
  readonly token: string
  /** Who has it, for the audit. Several tokens may have one actor: the old one and the new one while they change. */
  readonly actor: string
  readonly permissions: readonly AdminPermission[]
}

/** Options of `bearer`. */
export interface BearerOptions {
  /** The tokens that are good now. A function is asked for each request, so that tokens can change meanwhile. */
  readonly tokens: readonly BearerToken[] | (() => readonly BearerToken[] | Promise<readonly BearerToken[]>)
}

const OPTIONS = new Set(['tokens'])
const LONG_ENOUGH = 32
const BEARER = /^bearer +([!-~]+)$/i

const encoder = new TextEncoder()
const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))

/** Takes the same time wherever the two differ. */
const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.reduce((difference, byte, i) => difference | (byte ^ (b[i] ?? 0)), 0) === 0

const refusals = onePerProcess('http.refusals', () => new WeakSet<object>())

/** Whether an error says that tokens are of a wrong shape. It holds nothing of them, so it can be an answer. */
export const isOfTokens = (error: unknown): boolean => refusals.has(Object(error) as object)

function refuse(option: string, mustBe: string): never {
  // without what was received: it may be a token
  const error = new ShelflifeError('invalid-option', `${option} must be ${mustBe}`)
  refusals.add(error)
  throw error
}

function checked(tokens: readonly BearerToken[]): readonly BearerToken[] {
  if (!Array.isArray(tokens)) refuse('tokens', 'an array, or a function that returns one')
  for (const [i, one] of tokens.entries()) {
    const { token, actor, permissions } = Object(one) as Partial<BearerToken>
    const isSecret = typeof token === 'string' && token.length >= LONG_ENOUGH && /^[!-~]+$/.test(token)
    if (!isSecret) refuse(`tokens[${i}].token`, `at least ${LONG_ENOUGH} visible ASCII characters`)
    if (typeof actor !== 'string' || actor === '') refuse(`tokens[${i}].actor`, 'the name of who has the token')
    const isKnown =
      Array.isArray(permissions) && permissions.every((permission) => adminPermissions.includes(permission))
    if (!isKnown) refuse(`tokens[${i}].permissions`, `an array of ${adminPermissions.join(', ')}`)
  }
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length) refuse('tokens', 'different from each other')
  return tokens
}

/**
 * Authorizes by `Authorization: Bearer …`. Every token is compared with what was sent, by SHA-256, in a time that tells
 * nothing about either.
 *
 * @throws ShelflifeError `invalid-option`, never with a token in it
 * @example
 * const tokens = [{ token: secrets.adminToken, actor: 'deploy', permissions: ['read', 'invalidate'] }] as const
 * const admin = cacheAdmin({ cache, authorize: bearer({ tokens }) })
 */
export function bearer(options: BearerOptions): Authorize {
  checkNames('options of bearer()', options, OPTIONS)
  const { tokens } = options
  if (typeof tokens !== 'function' && checked(tokens).length === 0) refuse('tokens', 'at least one')
  return async (request, permission) => {
    const sent = BEARER.exec(request.headers.get('authorization') ?? '')?.[1]
    if (sent === undefined) return undefined
    const candidates = checked(typeof tokens === 'function' ? await tokens() : tokens)
    const [wanted, ...digests] = await Promise.all([sent, ...candidates.map(({ token }) => token)].map(digest))
    const matches = digests.map((one) => wanted !== undefined && isEqual(one, wanted))
    const found = candidates[matches.indexOf(true)]
    return found && { actor: found.actor, refused: !found.permissions.includes(permission) }
  }
}
