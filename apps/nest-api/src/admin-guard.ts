import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { Injectable } from '@nestjs/common'
import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Lets in whoever has the `ADMIN_TOKEN`; without one, nobody. */
@Injectable()
export class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { ADMIN_TOKEN } = process.env
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>()
    if (ADMIN_TOKEN === undefined || ADMIN_TOKEN.length < 32) return false
    return timingSafeEqual(digest(headers['authorization'] ?? ''), digest(`Bearer ${ADMIN_TOKEN}`))
  }
}
