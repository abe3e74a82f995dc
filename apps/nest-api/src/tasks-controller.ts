import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Req,
  UseGuards,
} from '@nestjs/common'

import type { Task } from './task.ts'
import { TasksService } from './tasks-service.ts'
import type { UserRequest } from './user-guard.ts'
import { UserGuard } from './user-guard.ts'

function titleIn(body: unknown): string {
  const { title } = (body ?? {}) as { readonly title?: unknown }
  if (typeof title !== 'string' || title === '' || title.length > 200) {
    throw new BadRequestException('title must be 1 to 200 characters')
  }
  return title
}

/** The tasks of whoever asks. Values are cached, responses are not: each is one user's. */
@Controller('tasks')
@UseGuards(UserGuard)
export class TasksController {
  constructor(@Inject(TasksService) private readonly tasks: TasksService) {}

  @Get()
  list(@Req() { user }: UserRequest): Promise<readonly Task[]> {
    return this.tasks.listOf(user)
  }

  @Get(':id')
  find(@Req() { user }: UserRequest, @Param('id', ParseIntPipe) id: number): Promise<Task> {
    return this.#ownTask(user, id)
  }

  @Post()
  add(@Req() { user }: UserRequest, @Body() body: unknown): Promise<Task> {
    return this.tasks.add(user, titleIn(body))
  }

  @Post(':id/finish')
  async finish(@Req() { user }: UserRequest, @Param('id', ParseIntPipe) id: number): Promise<Task> {
    return this.tasks.finish(await this.#ownTask(user, id))
  }

  async #ownTask(user: string, id: number): Promise<Task> {
    const task = await this.tasks.find(id)
    if (task?.owner !== user) throw new NotFoundException()
    return task
  }
}
