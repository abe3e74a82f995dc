import { programPath } from '@shelflife/test-servers'
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { promisify } from 'node:util'

import { median } from '../rounds.ts'
import { firstByte } from './first-byte.ts'

const CONNECTIONS = 64
const SECONDS = 2
const STREAMS = 40
/** Milliseconds. */
const MOST_DELAY = 5
const LEAST_SHARE = 0.9

const run = promisify(execFile)

interface Case {
  readonly name: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Requests a second at 64 connections, by a client that is no Node program. */
async function throughput(base: string, { path, headers = {} }: Case): Promise<number> {
  const wrk = programPath({ name: 'wrk', variable: 'WRK', packages: { debian: 'wrk', brew: 'wrk' } })
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const { stdout } = await run(wrk, ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, ...fields, base + path])
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)
  if (failed !== null) throw new Error(`${path}: ${failed[1]} requests failed`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

/** Milliseconds until the first byte of the body, of a miss each time. */
async function delays(base: string, kind: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < STREAMS; i++) times.push(await firstByte(`${base}/${kind}/stream?${kind}${Math.random()}`))
  return median(times)
}

async function measure(framework: string, rounds: number): Promise<readonly string[]> {
  const child = fork(new URL('servers.ts', import.meta.url), [framework])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const base = `http://127.0.0.1:${port}`
  const { headers } = await fetch(`${base}/cached/1kB`)
  await fetch(`${base}/cached/1kB`)
  const etag = (await fetch(`${base}/cached/1kB`)).headers.get('etag') ?? headers.get('etag') ?? ''
  const cases: readonly Case[] = [
    { name: '1 kB, constant', path: '/bare/1kB' },
    { name: '1 kB, hit', path: '/cached/1kB' },
    { name: '1 kB, hit, 304', path: '/cached/1kB', headers: { 'If-None-Match': etag } },
    { name: '100 kB, constant', path: '/bare/100kB' },
    { name: '100 kB, hit', path: '/cached/100kB' },
  ]
  const measured = new Map<string, number[]>(cases.map(({ name }) => [name, []]))
  const waits = { bare: [] as number[], cached: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const first = (round + cases.length) % cases.length
    for (const one of [...cases.slice(first), ...cases.slice(0, first)]) {
      const rate = await throughput(base, one)
      if (round >= 0) measured.get(one.name)?.push(rate)
    }
    for (const kind of ['bare', 'cached'] as const) waits[kind].push(await delays(base, kind))
  }
  child.disconnect()
  await once(child, 'exit')

  const ratios = (name: string, of: string): number =>
    median((measured.get(name) ?? []).map((rate, i) => rate / (measured.get(of)?.[i] ?? Number.NaN)))
  const row = (name: string, of: string, least?: number): string => {
    const ratio = ratios(name, of)
    const verdict = least === undefined ? '' : ratio >= least ? `≥ ${least}` : `MISSED ${least}`
    const rate = Math.round(median(measured.get(name) ?? []))
    return `| ${framework} | ${name} | ${rate} /s | ${ratio.toFixed(2)} | ${verdict} |`
  }
  const late = median(waits.cached.map((ms, i) => ms - (waits.bare[i] ?? Number.NaN)))
  const first = `${median(waits.cached).toFixed(2)} ms`
  const delay = `| ${framework} | first byte of a streamed miss | ${first} | +${late.toFixed(2)} ms | ${late <= MOST_DELAY ? '≤' : 'MISSED'} ${MOST_DELAY} ms |`
  return [
    row('1 kB, constant', '1 kB, constant'),
    row('1 kB, hit', '1 kB, constant', LEAST_SHARE),
    row('1 kB, hit, 304', '1 kB, hit', 1),
    row('100 kB, constant', '100 kB, constant'),
    row('100 kB, hit', '100 kB, constant', LEAST_SHARE),
    delay,
  ]
}

/** Responses through the cache beside the same framework answering from a constant. Ratios within a round. */
export async function httpTable(rounds: number): Promise<string> {
  const load = loadavg()[0]?.toFixed(1)
  const rows = [...(await measure('express', rounds)), ...(await measure('hono', rounds))]
  const head = ['| framework | answer | measured | beside | target |', '| --- | --- | ---: | ---: | --- |']
  return [`load ${load} at the start`, '', ...head, ...rows].join('\n')
}
