import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { Injectable, UnauthorizedException } from '@nestjs/common'

/** A request that `UserGuard` has let in. */
export interface UserRequest {
  readonly user: string
}

/** The users of this sample, by token. */
const USERS: ReadonlyMap<string, string> = new Map([
  ['token-of-ann', 'ann'],
  ['token-of-bob', 'bob'],
])

/** Lets users in and says who they are. */
@Injectable()
export class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined>; user?: string }>()
    const user = USERS.get((request.headers['authorization'] ?? '').replace(/^Bearer /, ''))
    if (user === undefined) throw new UnauthorizedException()
    request.user = user
    return true
  }
}
