/** What somebody has to do. */
export interface Task {
  readonly id: number
  readonly owner: string
  readonly title: string
  readonly done: boolean
}

/** What everybody may know. */
export interface Progress {
  readonly owner: string
  readonly open: number
  readonly done: number
}
