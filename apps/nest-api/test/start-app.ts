import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { onTestFinished, vi } from 'vitest'

import { AppModule } from '../src/app-module.ts'
import { TasksTable } from '../src/tasks-table.ts'

export const ADMIN_TOKEN = 'a-token-of-the-admin-that-is-long-enough'

export interface Answer {
  readonly status: number
  readonly cache: string | null
  readonly body: unknown
}

/** The service on loopback, for one test. */
export async function startApp(redisUrl = '') {
  vi.stubEnv('REDIS_URL', redisUrl)
  vi.stubEnv('ADMIN_TOKEN', ADMIN_TOKEN)
  onTestFinished(() => void vi.unstubAllEnvs())
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false, forceCloseConnections: true })
  onTestFinished(() => app.close())
  await app.listen(0, '127.0.0.1')
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1')

  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(url + path, init)
    const body: unknown = await response.json().catch(() => undefined)
    return { status: response.status, cache: response.headers.get('cache-status'), body }
  }

  const as = (user: string, body?: unknown): RequestInit => ({
    headers: { authorization: `Bearer token-of-${user}`, 'content-type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })

  return { app, table: app.get(TasksTable), ask, as }
}
