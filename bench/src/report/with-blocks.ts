/**
 * The page with new text between its marks `<!-- name: begin -->` and `<!-- name: end -->`; the rest stays as it is.
 *
 * @throws Error if a block has no marks on the page
 */
export function withBlocks(page: string, blocks: ReadonlyMap<string, string>): string {
  return [...blocks].reduce((text, [name, block]) => {
    const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
    const from = text.indexOf(begin)
    const to = text.indexOf(end)
    if (from < 0 || to < from) throw new Error(`the page has no place for ${name}`)
    return `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`
  }, page)
}
