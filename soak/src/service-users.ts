import { setTimeout as sleep } from 'node:timers/promises'
import type { Check, Party } from './check.ts'
import type { Answer, Asked, HttpClient } from './http-client.ts'
import type { Random } from './random.ts'
import type { Value } from './report.ts'
import { DONE, GROUPS, groupOf, itemKey, ITEMS, pageKey, QUEUED } from './service-app.ts'
import { machineTime } from './time.ts'

/** A process of the service as its users see it. */
export interface ServiceParty extends Party {
  readonly port: number
}

interface UsersInput {
  readonly processes: readonly ServiceParty[]
  readonly client: HttpClient
  readonly check: Check
  readonly random: Random
  readonly errors: string[]
}

/** Who reads from the service and who writes to it, each one thing after the other until `isOver`. */
export interface ServiceUsers {
  read(isOver: () => boolean): Promise<void>
  write(isOver: () => boolean): Promise<void>
  counts(): Readonly<Record<string, number>>
}

/** Pauses of up to these, in milliseconds: with 24 readers about 2,000 requests a second. */
const [READS_PAUSE, WRITES_PAUSE] = [20, 80]
/** How many writes are to a group, and how many reads to a few items that everybody wants. */
const [GROUP_WRITES, HOT_READS, HOT] = [0.1, 0.5, 20]

export function createServiceUsers({ processes, client, check, random, errors }: UsersInput): ServiceUsers {
  const counts = { requests: 0, 'answers checked': 0, writes: 0 }
  let slowest = 0

  const pick = <T>(all: readonly T[]): T => all[random.whole(all.length)] as T
  const pickItem = (): number => random.whole(random.chance(HOT_READS) ? HOT : ITEMS)

  async function send({ port }: ServiceParty, asked: Asked): Promise<Answer & { readonly startedAt: number }> {
    const startedAt = machineTime()
    counts.requests++
    const answer = await client.send(port, asked)
    slowest = Math.max(slowest, machineTime() - startedAt)
    return { ...answer, startedAt }
  }

  async function readOne(): Promise<void> {
    const [process, kind] = [pick(processes), pick(['values', 'items', 'items', 'pages'])]
    const n = kind === 'pages' ? random.whole(GROUPS) : pickItem()
    const path = `/${kind}/${n}`
    const { status, body, startedAt } = await send(process, { method: 'GET', path })
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`)
    const key = kind === 'pages' ? pageKey(n) : itemKey(n)
    check.saw(process, { key, value: JSON.parse(body) as Value, lastStart: startedAt, how: path })
    counts['answers checked']++
  }

  function keysOf(kind: string, n: number): string[] {
    if (kind === 'items') return [itemKey(n)]
    const items = Array.from({ length: ITEMS }, (_, item) => item).filter((item) => groupOf(item) === n)
    return [pageKey(n), ...items.map(itemKey)]
  }

  async function writeOne(): Promise<void> {
    const [process, kind] = [pick(processes), random.chance(GROUP_WRITES) ? 'groups' : 'items']
    const n = kind === 'groups' ? random.whole(GROUPS) : pickItem()
    const path = `/${kind}/${n}`
    const { status, body, startedAt: calledAt } = await send(process, { method: 'PUT', path })
    if (status !== DONE && status !== QUEUED) throw new Error(`PUT ${path}: ${status} ${body}`)
    counts.writes++
    const how = { calledAt, resolvedAt: machineTime(), isDone: status === DONE, onlyLoaded: false }
    check.invalidated(process, { what: `PUT ${path}`, keys: keysOf(kind, n), ...how })
  }

  async function repeat(one: () => Promise<void>, pause: number, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await one().catch((error: unknown) => errors.push(String(error)))
      await sleep(random.between(0, pause))
    }
  }

  return {
    read: (isOver) => repeat(readOne, READS_PAUSE, isOver),
    write: (isOver) => repeat(writeOne, WRITES_PAUSE, isOver),
    counts: () => ({ ...counts, 'slowest answer, ms': Math.ceil(slowest) }),
  }
}
