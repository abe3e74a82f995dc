/** Where the REST front of a Redis is. */
export interface Setting {
  readonly url: string
  readonly token: string
}

/** What has to be the same in every runtime. Throws when it is not. */
export interface Behaviour {
  readonly title: string
  readonly run: (setting: Setting) => Promise<void>
}

/** What became of one behaviour. */
export interface Outcome {
  readonly title: string
  /** Absent when it held. */
  readonly error?: string
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

/** A promise and what resolves it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

const MOST = 5000

/** Asks until it is so. */
export async function until(about: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; waited < MOST; waited += 10) {
    if (await isSo()) return
    await pause(10)
  }
  throw new Error(`never: ${about}`)
}

/** No runtime has the assertions of another; what JSON says of two values has to be the same. */
export function expectSame(found: unknown, expected: unknown, about = 'it'): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)]
  if (one !== other) throw new Error(`${about} is ${one} and not ${other}`)
}
