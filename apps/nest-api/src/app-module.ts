import { Module } from '@nestjs/common'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { CacheAdminModule, CacheModule } from '@shelflife/nestjs'

import { AdminGuard } from './admin-guard.ts'
import { ProgressController } from './progress-controller.ts'
import { TasksController } from './tasks-controller.ts'
import { TasksService } from './tasks-service.ts'
import { TasksTable } from './tasks-table.ts'

/** The service. */
@Module({
  imports: [
    CacheModule.forRootAsync({
      useFactory: () => {
        const { REDIS_URL } = process.env
        return { namespace: 'tasks', store: REDIS_URL ? [memoryStore(), ioredisStore(REDIS_URL)] : memoryStore() }
      },
    }),
    CacheAdminModule.register({ guards: [AdminGuard], path: 'admin/cache' }),
  ],
  controllers: [TasksController, ProgressController],
  providers: [TasksService, TasksTable],
})
export class AppModule {}
