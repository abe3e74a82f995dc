/** Names and numbers, a row each, aligned as the formatter leaves them. */
export function markdownTable(numbers: Readonly<Record<string, number>>): string {
  const rows = Object.entries(numbers).map(([name, number]) => [name, number.toLocaleString('en')] as const)
  const [names, figures] = [0, 1].map((place) => Math.max(7, ...rows.map((row) => (row[place] ?? '').length)))
  const line = (name: string, figure: string): string =>
    `| ${name.padEnd(names ?? 0)} | ${figure.padStart(figures ?? 0)} |`
  const rule = `| ${'-'.repeat(names ?? 0)} | ${'-'.repeat((figures ?? 0) - 1)}: |`
  return [line('', 'number'), rule, ...rows.map(([name, figure]) => line(name, figure))].join('\n')
}
