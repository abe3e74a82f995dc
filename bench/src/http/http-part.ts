import { programPath } from '@shelflife/test-servers'
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { median } from '../measure/median.ts'
import { standings } from '../measure/ratios.ts'
import { inRounds } from '../measure/rounds.ts'
import type { Part, Target } from '../parts/part.ts'
import { digits, ratio } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import { firstByte } from './first-byte.ts'

const CONNECTIONS = 64
/** Of a second for each case. The first one warms the servers up. */
const REPETITIONS = { rounds: 5, warmUp: 1 }
const STREAMS = 10

const run = promisify(execFile)

interface Case {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Whether every request is for another URI. */
  readonly isNewEachTime?: boolean
}

/** Requests a second at 64 connections, by a client that is no Node program. */
async function throughput(base: string, { path, headers = {}, isNewEachTime = false }: Case): Promise<number> {
  const wrk = programPath({ name: 'wrk', variable: 'WRK', packages: { debian: 'wrk', brew: 'wrk' } })
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const script = isNewEachTime ? ['-s', join(import.meta.dirname, 'new-uri.lua')] : []
  const { stdout } = await run(wrk, ['-t1', `-c${CONNECTIONS}`, '-d1s', ...script, ...fields, base + path])
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)
  if (failed !== null) throw new Error(`${path}: ${failed[1]} requests failed`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

/** Milliseconds until the first byte of the body, of a miss each time. */
async function delay(base: string, kind: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < STREAMS; i++) times.push(await firstByte(`${base}/${kind}/stream?${kind}${Math.random()}`))
  return median(times)
}

const BASELINE = '1 kB, constant'

/** What one framework was measured at. */
interface Measured {
  readonly rows: readonly (readonly string[])[]
  readonly targets: readonly Target[]
}

/** The throughput that is due, as a share of that of a constant. */
const DUE = 0.9

async function measure(framework: string): Promise<Measured> {
  const child = fork(new URL('servers.ts', import.meta.url), [framework])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const base = `http://127.0.0.1:${port}`
  await fetch(`${base}/cached/1kB`)
  const etag = (await fetch(`${base}/cached/1kB`)).headers.get('etag') ?? ''
  const cases: Readonly<Record<string, Case>> = {
    [BASELINE]: { path: '/bare/1kB' },
    '1 kB, constant past the framework': { path: '/past/1kB' },
    '1 kB, constant of a middleware': { path: '/middleware/1kB' },
    '1 kB, hit': { path: '/cached/1kB' },
    '1 kB, 304': { path: '/cached/1kB', headers: { 'If-None-Match': etag } },
    '1 kB, miss': { path: '/cached/1kB', isNewEachTime: true },
    '100 kB, constant': { path: '/bare/100kB' },
    '100 kB, hit': { path: '/cached/100kB' },
  }
  const rates = await inRounds(Object.keys(cases), REPETITIONS, (name) => throughput(base, cases[name] as Case))
  const waits = await inRounds(['bare', 'cached'], REPETITIONS, (kind) => delay(base, kind))
  child.disconnect()
  await once(child, 'exit')

  const shares = new Map(standings(rates, BASELINE).map((one) => [one.name, one]))
  for (const one of standings(rates, '100 kB, constant')) {
    if (one.name.startsWith('100 kB')) shares.set(one.name, one)
  }
  const rows = [...shares.values()].map((one) => [framework, one.name, `${digits(one.figure)} /s`, ratio(one.ratio)])
  const [bare = [], cached = []] = [waits.get('bare'), waits.get('cached')]
  const late = median(cached.map((wait, round) => wait - (bare[round] ?? Number.NaN)))
  const first = `${median(cached).toFixed(2)} ms`
  rows.push([
    framework,
    'first byte of a streamed miss',
    first,
    `${late < 0 ? '−' : '+'}${Math.abs(late).toFixed(2)} ms`,
  ])

  const shareOf = (name: string): number => shares.get(name)?.ratio ?? Number.NaN
  const hits = ['1 kB', '100 kB'].map((size) => ({
    name: `${framework}, time of a hit of ${size}, beside a constant`,
    reached: 1 / shareOf(`${size}, hit`),
    atMost: 1 / DUE,
  }))
  const unmodified = standings(rates, '1 kB, 304').find((one) => one.name === '1 kB, hit')
  return {
    rows,
    targets: [
      ...hits,
      { name: `${framework}, time of a 304, beside the hit`, reached: unmodified?.ratio ?? Number.NaN, atMost: 1 },
      { name: `${framework}, first byte of a streamed miss, ms later`, reached: late, atMost: 5 },
    ],
  }
}

/** Responses through the cache beside the same framework answering from a constant, header by header the same. */
export const httpPart: Part = async () => {
  const measured = [await measure('express'), await measure('hono')]
  return {
    text: tableText({
      head: ['', 'answer', 'measured', 'beside a constant'],
      rows: measured.flatMap(({ rows }) => rows),
      texts: 2,
    }),
    targets: measured.flatMap(({ targets }) => targets),
  }
}
