import { Inject, Injectable } from '@nestjs/common'
import { Cached, CacheInvalidate } from '@shelflife/nestjs'

import type { Progress, Task } from './task.ts'
import { TasksTable } from './tasks-table.ts'

/** Tasks, cached where they are read and invalidated where they are written. */
@Injectable()
export class TasksService {
  constructor(@Inject(TasksTable) private readonly table: TasksTable) {}

  @Cached({ tier: 'semiStatic', tags: (owner: string) => [`tasks/of/${owner}`] })
  async listOf(owner: string): Promise<readonly Task[]> {
    const all = await this.table.all()
    return all.filter((task) => task.owner === owner)
  }

  /** What does not exist is `null`, which is remembered for a short time only. */
  @Cached({ tier: 'semiStatic', tags: (id: number) => [`tasks/id/${id}`] })
  async find(id: number): Promise<Task | null> {
    return this.table.find(id)
  }

  @Cached({ tier: 'dynamic', tags: ['tasks/progress'] })
  async progress(): Promise<readonly Progress[]> {
    const all = await this.table.all()
    const owners = [...new Set(all.map(({ owner }) => owner))].sort()
    return owners.map((owner) => {
      const own = all.filter((task) => task.owner === owner)
      const done = own.filter((task) => task.done).length
      return { owner, open: own.length - done, done }
    })
  }

  /** Beside the lists, that some task is known not to exist. */
  @CacheInvalidate({ tags: (owner: string) => [`tasks/of/${owner}`, 'tasks/progress', 'tasks/id'] })
  async add(owner: string, title: string): Promise<Task> {
    return this.table.add(owner, title)
  }

  @CacheInvalidate({ tags: ({ id, owner }: Task) => [`tasks/of/${owner}`, `tasks/id/${id}`, 'tasks/progress'] })
  async finish(task: Task): Promise<Task> {
    return this.table.finish(task)
  }
}
