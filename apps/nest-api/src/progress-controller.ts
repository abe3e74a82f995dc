import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { CacheHealthResult } from '@shelflife/nestjs'
import { CacheHealthIndicator, CacheResponse } from '@shelflife/nestjs'

import type { Progress } from './task.ts'
import { TasksService } from './tasks-service.ts'

/** What everybody may see: the same response for all, so the response itself is cached. */
@Controller()
export class ProgressController {
  constructor(
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(CacheHealthIndicator) private readonly cacheHealth: CacheHealthIndicator,
  ) {}

  @Get('progress')
  @CacheResponse({ tier: 'dynamic', query: { allow: [] }, tags: ['tasks/progress'] })
  progress(): Promise<readonly Progress[]> {
    return this.tasks.progress()
  }

  @Get('health')
  health(@Res({ passthrough: true }) response: { statusCode: number }): CacheHealthResult {
    const health = this.cacheHealth.isHealthy()
    if (health['cache']?.status !== 'up') response.statusCode = 503
    return health
  }
}
