import { setTimeout as sleep } from 'node:timers/promises'

import type { CacheOptions } from '@shelflife/core'
import type { ExpectStatic } from 'vitest'

import { arriving } from '../busy/arriving.ts'
import { range } from '../busy/crowd.ts'
import type { Ledger } from './ledger.ts'
import { createLedger } from './ledger.ts'
import type { Party } from './party.ts'
import { openParty } from './party.ts'
import type { OpenedStore, TopologyClients, TopologyKind } from './topology-clients.ts'

/** Two processes, as far as a cache can tell, that share what one kind of client and of stores reaches. */
export interface Pair {
  /** For messages. */
  readonly title: string
  readonly kind: TopologyKind
  readonly namespace: string
  readonly ledger: Ledger
  readonly ids: readonly number[]
  readonly here: Party
  readonly there: Party
}

export interface SceneSetup {
  readonly clients: TopologyClients
  open(kind: TopologyKind): OpenedStore | Promise<OpenedStore>
  /** Of the other process. Default: the same. */
  openThere?(kind: TopologyKind): OpenedStore | Promise<OpenedStore>
  /** Default: all. */
  isFor?(kind: TopologyKind): boolean
  /** Milliseconds that the word of others may take where there is a local store. Default: `maxDrift`. */
  readonly localDrift?: number
  /** The same where there is none. Default 0. */
  readonly remoteDrift?: number
  readonly options?: Partial<CacheOptions>
}

/** Pairs of every kind, with a local store and without, to which the same happens at the same time. */
export interface Scene {
  readonly pairs: readonly Pair[]
  each(run: (pair: Pair) => Promise<unknown>): Promise<void>
  /** Everybody reads everything until it is called. */
  readAll(): () => Promise<void>
  close(): Promise<void>
}

/** The default of `maxDrift`, and what lies between two readings of a clock. */
export const DRIFT = 1000 + 50
/** A second, and what a machine may add that is busy with others. */
export const SOON = 3000
const IDS = 36
const RATE = 25
/** Of reads, until everything is stored also where others keep the machine busy. */
const ROUNDS = 5
let namespaces = 0

export const parties = ({ here, there }: Pair): readonly Party[] => [here, there]

async function openPair(
  kind: TopologyKind,
  { title, isLocal, setup }: { readonly title: string; readonly isLocal: boolean; readonly setup: SceneSetup },
): Promise<Pair> {
  const { localDrift = DRIFT, remoteDrift = 0, options } = setup
  const ledger = createLedger()
  const namespace = `topology-${++namespaces}`
  const drift = isLocal ? localDrift : remoteDrift
  const common = { namespace, isLocal, ledger, drift, ...(options && { options }) }
  const [here, there] = [
    openParty(await setup.open(kind), { ...common, name: 'here' }),
    openParty(await (setup.openThere ?? setup.open)(kind), { ...common, name: 'there' }),
  ]
  return {
    title: `${title}, ${isLocal ? 'local + remote' : 'remote'}`,
    kind,
    namespace,
    ledger,
    ids: range(IDS),
    here,
    there,
  }
}

/** Everything is stored, and everybody is up. */
async function warm({ title, ids, here, there }: Pair): Promise<void> {
  for (const party of [here, there]) {
    await party.connected()
    for (let round = 0; round < ROUNDS && (round === 0 || party.loadsOf(ids) > 0); round++) {
      party.forget()
      await Promise.all(ids.map(party.read))
    }
    const ill = await party.ailment(SOON * 3)
    if (ill !== undefined) throw new Error(`${title}: not up before anything happened: ${JSON.stringify(ill)}`)
    party.forget()
  }
}

export async function openScene(setup: SceneSetup): Promise<Scene> {
  const { clients, isFor = () => true } = setup
  const kinds = Object.entries(clients.kinds).filter(([, kind]) => isFor(kind))
  const pairs = await Promise.all(
    kinds.flatMap(([title, kind]) => [true, false].map((isLocal) => openPair(kind, { title, isLocal, setup }))),
  )
  const each = async (run: (pair: Pair) => Promise<unknown>): Promise<void> => void (await Promise.all(pairs.map(run)))
  await each(warm)

  return {
    pairs,
    each,
    readAll() {
      const readers = pairs.flatMap((pair) => {
        return parties(pair).map((party) => arriving(RATE, (n) => party.read((n * 7) % IDS)))
      })
      return async () => void (await Promise.all(readers.map((reader) => reader.stop())))
    },
    close: () => each(async ({ here, there }) => Promise.all([here.close(), there.close()])),
  }
}

/** What a test has to do with a scene: opened, left alone, closed. */
export async function play(setup: SceneSetup, run: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await openScene(setup)
  try {
    await run(scene)
  } finally {
    await scene.close()
  }
}

/** Longer than a client of the store believes in a connection on which nothing is answered. */
export const HALF_OPEN = 7000

export async function changeSome({ each }: Scene): Promise<void> {
  await each(({ here, there }) => Promise.all([here.invalidate(0), here.invalidateTags([1, 2]), there.invalidate(3)]))
}

export interface Judged {
  readonly expect: ExpectStatic
  /** What had to be loaded by nobody. Default: nothing in particular. */
  readonly untouched?: (pair: Pair) => readonly number[]
  readonly isDue?: (pair: Pair) => boolean
  /** Milliseconds until everybody is up. Default: `SOON`. */
  readonly within?: number
}

/** Everybody is up, has paid, and has read nothing old; nobody has loaded what nobody touched. */
export async function judge(
  scene: Scene,
  { expect, untouched = () => [], isDue = () => true, within = SOON }: Judged,
): Promise<void> {
  await scene.each(async (pair) => {
    const kept = untouched(pair)
    const loads = parties(pair).map((party) => party.loadsOf(kept))
    const ill = isDue(pair)
      ? await Promise.all(parties(pair).map((party) => party.ailment(within)))
      : [undefined, undefined]
    await sleep(DRIFT)
    await Promise.all(parties(pair).flatMap((party) => pair.ids.map(party.read)))
    const seen = parties(pair).map(({ name, old }, index) => {
      return { name, old: old.length, examples: old.slice(0, 3), loads: loads[index], ill: ill[index] }
    })
    const good = parties(pair).map(({ name }) => ({ name, old: 0, examples: [], loads: 0, ill: undefined }))
    const trouble = parties(pair).map((party) => party.trouble())
    expect.soft(seen, `${pair.title}, with ${trouble.join(' | ')}`).toEqual(good)
  })
}
