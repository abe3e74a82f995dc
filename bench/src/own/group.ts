/** Operations of Shelflife that are measured in one process, beside something simple. */
export interface Group {
  readonly cases: Readonly<Record<string, () => unknown>>
  /** The operation whose time is 1. */
  readonly baseline: string
  close(): Promise<void>
}
