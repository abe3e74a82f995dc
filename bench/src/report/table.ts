import { markdownTable } from 'markdown-table'

/** One table. Columns of figures are to the right. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The columns that are text, from the left. Default 1. */
  readonly texts?: number
}

/** The table in Markdown. */
export function tableText({ head, rows, texts = 1 }: Table): string {
  const align = head.map((_, column) => (column < texts ? null : 'r'))
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)))
  return markdownTable(cells, { align })
}
