export const adminPermissions = ['read', 'invalidate', 'clear'] as const

/** What a route of `cacheAdmin` asks for: `read` for everything that changes nothing. */
export type AdminPermission = (typeof adminPermissions)[number]

/** Who asks. */
export interface AdminIdentity {
  /** For the audit. Not empty. */
  readonly actor: string
  /** Known, but without the permission: 403. Default false. */
  readonly refused?: boolean
}

/**
 * Says who asks; `undefined` for somebody unknown, 401.
 *
 * @example
 * const authorize: Authorize = async (request, permission) => {
 *   const user = await userOf(request)
 *   return user && { actor: user.email, refused: permission !== 'read' && !user.isAdmin }
 * }
 */
export type Authorize = (
  request: Request,
  permission: AdminPermission,
) => AdminIdentity | undefined | Promise<AdminIdentity | undefined>
