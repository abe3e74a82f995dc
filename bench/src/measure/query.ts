/** An argument as an HTTP handler makes it. */
export interface Query {
  readonly userId: number
  readonly filters: {
    readonly status: readonly string[]
    readonly from: string
    readonly tags: Readonly<Record<string, string>>
  }
  readonly page: number
}

export const queryOf = (i: number): Query => ({
  userId: 1000 + i,
  filters: { status: ['open', 'late'], from: '2026-01-01', tags: { team: 'search', region: 'eu' } },
  page: i % 7,
})
