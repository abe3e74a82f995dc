import type { Duration } from '@shelflife/core'
import { toMilliseconds } from '@shelflife/core'

import type { Preset } from './presets.ts'
import { PRESET_NAMES } from './presets.ts'
import { contradict, refuse } from './refuse.ts'

/** Strings by name; what is no string, such as a binding of a Worker, is not looked at. */
export type Environment = Readonly<Record<string, unknown>>

/** Where a variable means something. */
type Need = 'local' | 'remote' | 'front' | 'redis' | 'upstash'

interface Variable<Value> {
  readonly read: (text: string, name: string) => Value
  readonly need?: Need
}

const text =
  (pattern: RegExp, mustBe: string) =>
  (value: string, name: string): string =>
    pattern.test(value) ? value : refuse(name, mustBe)

const oneOf =
  <Value extends string>(...allowed: readonly Value[]) =>
  (value: string, name: string): Value =>
    allowed.find((one) => one === value) ?? refuse(name, `one of ${allowed.join(', ')}`)

function count(value: string, name: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : 0
  return Number.isSafeInteger(number) && number > 0 ? number : refuse(name, 'a whole number from 1')
}

function duration(value: string, name: string): Duration {
  try {
    return toMilliseconds(/^\d+$/.test(value) ? Number(value) : (value as Duration), name)
  } catch {
    return refuse(name, 'a number of milliseconds or text such as 500ms, 30s, 1h30m (ms, s, m, h, d)')
  }
}

/** What can be set, read. What is left out is for the preset to say. */
export interface Values {
  readonly SHELFLIFE_URL?: string
  readonly SHELFLIFE_TOKEN?: string
  readonly SHELFLIFE_PRESET?: Preset
  readonly SHELFLIFE_NAMESPACE?: string
  readonly SHELFLIFE_LOCAL?: 'on' | 'off'
  readonly SHELFLIFE_MAX_ENTRIES?: number
  readonly SHELFLIFE_MAX_BYTES?: number
  readonly SHELFLIFE_PREFIX?: string
  readonly SHELFLIFE_KEY_SECRET?: string
  readonly SHELFLIFE_MAX_VALUE_BYTES?: number
  readonly SHELFLIFE_READ_BUDGET?: Duration
  readonly SHELFLIFE_WRITE_BUDGET?: Duration
  readonly SHELFLIFE_LEASE?: Duration
  readonly SHELFLIFE_MAX_DRIFT?: Duration
  readonly SHELFLIFE_PARTITION_TTL?: Duration
  readonly SHELFLIFE_STAMPEDE?: 'lease' | 'local'
  readonly SHELFLIFE_SOFT_TIMEOUT?: Duration
  readonly SHELFLIFE_HARD_TIMEOUT?: Duration
  readonly SHELFLIFE_MAX_LIFETIME?: Duration
  readonly SHELFLIFE_TTL_REALTIME?: Duration
  readonly SHELFLIFE_TTL_DYNAMIC?: Duration
  readonly SHELFLIFE_TTL_SEMI_STATIC?: Duration
  readonly SHELFLIFE_TTL_STATIC?: Duration
  readonly SHELFLIFE_TTL_REFERENCE?: Duration
  readonly SHELFLIFE_TTL_ABSENT?: Duration
}

const local = { need: 'local' } as const
const remote = { need: 'remote' } as const
const front = { need: 'front' } as const
const redis = { need: 'redis' } as const
const upstash = { need: 'upstash' } as const

const VARIABLES: { readonly [Name in keyof Values]-?: Variable<NonNullable<Values[Name]>> } = {
  SHELFLIFE_URL: { read: (value) => value },
  SHELFLIFE_TOKEN: { read: text(/^\S+$/, 'the REST token of the Upstash database'), ...upstash },
  SHELFLIFE_PRESET: { read: oneOf(...PRESET_NAMES) },
  SHELFLIFE_NAMESPACE: {
    read: text(/^[\w.-]+(\/[\w.-]+)*$/, "letters, digits, '.', '_', '-', with '/' between steps, such as shop"),
  },
  SHELFLIFE_LOCAL: { read: oneOf('on', 'off') },
  SHELFLIFE_MAX_ENTRIES: { read: count, ...local },
  SHELFLIFE_MAX_BYTES: { read: count, ...local },
  SHELFLIFE_PREFIX: { read: text(/^[\w.:-]{1,64}$/, "1 to 64 letters, digits, '.', '_', ':' and '-'"), ...redis },
  SHELFLIFE_KEY_SECRET: { read: text(/^[^]{16,}$/, 'at least 16 characters'), ...remote },
  SHELFLIFE_MAX_VALUE_BYTES: { read: count, ...remote },
  SHELFLIFE_READ_BUDGET: { read: duration, ...remote },
  SHELFLIFE_WRITE_BUDGET: { read: duration, ...remote },
  SHELFLIFE_LEASE: { read: duration, ...remote },
  SHELFLIFE_MAX_DRIFT: { read: duration, ...front },
  SHELFLIFE_PARTITION_TTL: { read: duration, ...front },
  SHELFLIFE_STAMPEDE: { read: oneOf('lease', 'local'), ...upstash },
  SHELFLIFE_SOFT_TIMEOUT: { read: duration },
  SHELFLIFE_HARD_TIMEOUT: { read: duration },
  SHELFLIFE_MAX_LIFETIME: { read: duration },
  SHELFLIFE_TTL_REALTIME: { read: duration },
  SHELFLIFE_TTL_DYNAMIC: { read: duration },
  SHELFLIFE_TTL_SEMI_STATIC: { read: duration },
  SHELFLIFE_TTL_STATIC: { read: duration },
  SHELFLIFE_TTL_REFERENCE: { read: duration },
  SHELFLIFE_TTL_ABSENT: { read: duration },
}

const NAMES = Object.keys(VARIABLES) as readonly (keyof Values)[]

/** The text of a variable; an empty one counts as not set, since shells cannot unset in one line. */
export function textOf(env: Environment, name: string): string | undefined {
  const value = env[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** What Kubernetes and Docker set for whoever is deployed beside a service called `shelflife`, `shelflife-api` or the like. */
const OF_ORCHESTRATORS =
  /^SHELFLIFE_(?:\w+_)?(?:SERVICE_(?:HOST|PORT(?:_\w+)?)=|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?=|PORT=\w+:\/\/)/

/**
 * Reads every variable that is set.
 *
 * @throws ShelflifeError `invalid-option` for a name that starts with `SHELFLIFE_` and is none, and for values
 */
export function readVariables(env: Environment): Values {
  for (const name of Object.keys(env)) {
    const value = name.startsWith('SHELFLIFE_') ? textOf(env, name) : undefined
    const isOurs = value !== undefined && !OF_ORCHESTRATORS.test(`${name}=${value}`)
    if (isOurs && !Object.hasOwn(VARIABLES, name)) {
      contradict(name, `is not a variable of Shelflife; there are ${NAMES.join(', ')}`)
    }
  }
  const found = NAMES.flatMap((name) => {
    const value = textOf(env, name)
    return value === undefined ? [] : [[name, VARIABLES[name].read(value, name)] as const]
  })
  return Object.fromEntries(found) as Values
}

/**
 * Compares what is set with the stores there are.
 *
 * @throws ShelflifeError `invalid-option` for a variable that would change nothing
 */
export function refuseIdle(values: Values, has: Readonly<Record<Need, boolean>>, chosenBy: string): void {
  const why: Readonly<Record<Need, string>> = {
    local: 'is of the local store, and SHELFLIFE_LOCAL is off',
    remote: `is of a remote store, and ${chosenBy} has none; take redis://, rediss://, https:// or sqlite://`,
    front: 'is of a local store in front of a remote one, and there are not both',
    redis: `is of Redis, and ${chosenBy} is none; take redis://, rediss:// or https://`,
    upstash: `is of Upstash, and ${chosenBy} is none; take https://`,
  }
  const { SHELFLIFE_SOFT_TIMEOUT: soft, SHELFLIFE_HARD_TIMEOUT: hard = '1m' } = values
  if (soft !== undefined && toMilliseconds(soft, '') >= toMilliseconds(hard, '')) {
    contradict(
      'SHELFLIFE_SOFT_TIMEOUT',
      'is not shorter than SHELFLIFE_HARD_TIMEOUT (1m unless set), which ends the load',
    )
  }
  for (const name of NAMES) {
    const { need } = VARIABLES[name]
    if (need !== undefined && values[name] !== undefined && !has[need]) contradict(name, why[need])
  }
}
