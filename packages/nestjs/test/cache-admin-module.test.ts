import type { CallHandler, CanActivate, ExecutionContext, NestInterceptor } from '@nestjs/common'
import { Injectable, Module } from '@nestjs/common'
import { APP_INTERCEPTOR } from '@nestjs/core'
import type { Cache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { AdminEvent } from '@shelflife/http'
import { map } from 'rxjs'
import { describe, expect, test } from 'vitest'

import { CacheAdminModule, CacheModule, InjectCache } from '../src/index.ts'
import { PLATFORMS, start } from './platforms.ts'

@Injectable()
class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>()
    return headers['x-admin'] !== undefined
  }
}

@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data })))
  }
}

@Injectable()
class Holder {
  constructor(@InjectCache() readonly cache: Cache) {}
}

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  test('the routes of the admin are behind the guard, and who may do what is asked', async () => {
    const events: AdminEvent[] = []
    @Module({
      imports: [
        CacheModule.forRoot({ namespace: 'test', store: memoryStore() }),
        CacheAdminModule.register({
          guards: [AdminGuard],
          path: 'admin/cache',
          identify: ({ headers }: { headers: Record<string, string> }, permission) => ({
            actor: headers['x-admin']!,
            refused: permission === 'clear',
          }),
          audit: (event) => void events.push(event),
        }),
      ],
      providers: [Holder],
    })
    class AdminModule {}
    const { app, get } = await start(adapter, AdminModule)
    const { cache } = app.get(Holder)
    await cache.set('a', 1, { tags: ['t'] })
    const json = { 'x-admin': 'ann', 'content-type': 'application/json' }
    const post = (path: string, body: object) =>
      get(`/admin/cache/${path}`, { method: 'POST', headers: json, body: JSON.stringify(body) })
    expect((await get('/admin/cache/stats')).status).toBe(403)
    const stats = await get('/admin/cache/stats', { headers: json })
    expect([stats.status, stats.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(JSON.parse(stats.text)).toMatchObject({ entries: 1 })
    expect((await get('/admin/cache/health', { method: 'HEAD', headers: json })).status).toBe(200)
    expect((await post('invalidate', { tags: ['t'] })).status).toBe(200)
    expect(await cache.get('a')).toBeUndefined()
    expect((await post('clear', { all: true })).status).toBe(403)
    expect((await get('/admin/cache/nothing', { headers: json })).status).toBe(404)
    expect(events).toEqual([
      { actor: 'ann', action: 'invalidate', target: { tags: ['t'] }, outcome: 'done' },
      { actor: 'ann', action: 'clear', outcome: 'refused', target: undefined },
    ])
  })

  test('an interceptor of the application that puts all answers into an envelope leaves those of the admin alone', async () => {
    @Module({
      imports: [
        CacheModule.forRoot({ namespace: 'test', store: memoryStore() }),
        CacheAdminModule.register({ guards: [AdminGuard] }),
      ],
      providers: [{ provide: APP_INTERCEPTOR, useClass: Envelope }],
    })
    class AdminModule {}
    const { get } = await start(adapter, AdminModule)
    const headers = { 'x-admin': 'ann' }
    const metrics = await get('/cache/metrics', { headers })
    expect([metrics.status, metrics.text.startsWith('# HELP')]).toEqual([200, true])
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const stats = await get('/cache/stats', { headers })
    expect(stats.headers.get('content-type')).toContain('application/json')
    expect(JSON.parse(stats.text)).toMatchObject({ entries: 0 })
  })
})

test('without a guard nothing is mounted', () => {
  expect(() => CacheAdminModule.register({ guards: [] as never })).toThrow('guards')
})
