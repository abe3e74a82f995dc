/** Calls that keep arriving, while something happens. */
export interface Arrivals {
  /** A second. */
  readonly rate: number
  /** Milliseconds. */
  readonly roundTrip: number
  /** How many names they are about, in turn; `Infinity`: another one each time. */
  readonly names: number
}

/** How much of it a run does. */
export interface BusySizes {
  /** By round trip in milliseconds, how many calls are made at once. */
  readonly bursts: Readonly<Record<number, readonly number[]>>
  /** How many bursts of how many reads have computing after them. */
  readonly computing: { readonly bursts: number; readonly reads: number }
  /** Milliseconds for which the event loop stands still. */
  readonly stalls: readonly number[]
  /** What arrives while the event loop stands still for a moment. */
  readonly arrivals: readonly Arrivals[]
  /** What arrives while the link is down for a moment. */
  readonly cuts: readonly Arrivals[]
  /** How many calls each of two processes makes at once, and for how many milliseconds on end. */
  readonly pair: { readonly calls: number; readonly lasts: number }
  /** How many calls the pauses of the event loop are measured with. */
  readonly pauses: number
  /** Round trips in milliseconds over which a process begins. */
  readonly beginnings: readonly number[]
}

/** What one has to run on a client of its own kind: the first in full, the second beside it, and over HTTP. */
export type BusyScale = 'most' | 'some' | 'http'

const HOT = 1
const FEW = 40
const DIFFERENT = Infinity

/** Arrivals times round trip: 0.5, 2 and 5. */
const PACES = [
  { rate: 50, roundTrip: 10 },
  { rate: 1000, roundTrip: 2 },
  { rate: 200, roundTrip: 10 },
  { rate: 400, roundTrip: 12 },
  { rate: 1000, roundTrip: 5 },
]

const EVERY: readonly Arrivals[] = PACES.flatMap((pace) => [HOT, FEW, DIFFERENT].map((names) => ({ ...pace, names })))
const SLOWER = EVERY.filter(({ rate }) => rate < 1000)

const TWICE_FEW: Arrivals = { rate: 200, roundTrip: 10, names: FEW }
const TWICE_HOT: Arrivals = { rate: 200, roundTrip: 10, names: HOT }
const FIVE_TIMES_DIFFERENT: Arrivals = { rate: 400, roundTrip: 12, names: DIFFERENT }

const WHOLE: BusySizes = {
  bursts: {
    0: [1000, 4000, 10_000, 20_000, 50_000],
    2: [10_000, 50_000],
    10: [1000, 10_000, 50_000],
    50: [1000, 10_000, 50_000],
  },
  computing: { bursts: 100, reads: 1000 },
  stalls: [100, 900, 3000],
  arrivals: EVERY,
  cuts: EVERY,
  pair: { calls: 1000, lasts: 30_000 },
  pauses: 20_000,
  beginnings: [0, 10, 50],
}

const WHOLE_HTTP: BusySizes = {
  ...WHOLE,
  bursts: { 0: [1000, 4000, 10_000], 10: [1000, 4000], 50: [1000, 4000] },
  computing: { bursts: 40, reads: 300 },
  arrivals: SLOWER,
  cuts: SLOWER,
  pair: { calls: 300, lasts: 10_000 },
  pauses: 4000,
}

const USUAL: Readonly<Record<BusyScale, BusySizes>> = {
  most: {
    bursts: { 0: [1000, 10_000], 10: [4000], 50: [1000] },
    computing: { bursts: 12, reads: 1000 },
    stalls: [100, 900, 3000],
    arrivals: [
      { rate: 50, roundTrip: 10, names: FEW },
      TWICE_FEW,
      TWICE_HOT,
      FIVE_TIMES_DIFFERENT,
      { rate: 1000, roundTrip: 5, names: FEW },
    ],
    cuts: [TWICE_FEW, TWICE_HOT, FIVE_TIMES_DIFFERENT],
    pair: { calls: 1000, lasts: 4000 },
    pauses: 10_000,
    beginnings: [0, 50],
  },
  some: {
    bursts: { 0: [10_000], 10: [1000] },
    computing: { bursts: 5, reads: 1000 },
    stalls: [900],
    arrivals: [TWICE_FEW, FIVE_TIMES_DIFFERENT],
    cuts: [TWICE_FEW],
    pair: { calls: 1000, lasts: 2000 },
    pauses: 4000,
    beginnings: [50],
  },
  http: {
    bursts: { 0: [1000], 10: [300] },
    computing: { bursts: 4, reads: 300 },
    stalls: [900],
    arrivals: [TWICE_FEW],
    cuts: [TWICE_FEW],
    pair: { calls: 200, lasts: 2000 },
    pauses: 1000,
    beginnings: [50],
  },
}

/** Smaller ones by default; `BUSY=whole` asks for all of it. */
export function busySizes(scale: BusyScale): BusySizes {
  if (process.env['BUSY'] !== 'whole') return USUAL[scale]
  return scale === 'http' ? WHOLE_HTTP : WHOLE
}
