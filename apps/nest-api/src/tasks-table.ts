import { Injectable } from '@nestjs/common'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Task } from './task.ts'

/** Where tasks are kept: a database in the small, slow enough for a cache to be worth it, that counts what it is asked. */
@Injectable()
export class TasksTable {
  reads = 0
  readonly #tasks = new Map<number, Task>()

  async all(): Promise<readonly Task[]> {
    this.reads++
    await sleep(20)
    return [...this.#tasks.values()]
  }

  async find(id: number): Promise<Task | null> {
    this.reads++
    await sleep(5)
    return this.#tasks.get(id) ?? null
  }

  async add(owner: string, title: string): Promise<Task> {
    const task = { id: this.#tasks.size + 1, owner, title, done: false }
    this.#tasks.set(task.id, task)
    return task
  }

  async finish(task: Task): Promise<Task> {
    const finished = { ...task, done: true }
    this.#tasks.set(task.id, finished)
    return finished
  }
}
