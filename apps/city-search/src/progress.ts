import { Presets, SingleBar } from 'cli-progress'

/** Shows how far something is: a bar, or where there is no terminal one line when it is done. Ends when `total` is reached. */
export function startProgress(label: string, total: number): (done: number) => void {
  if (!process.stderr.isTTY) return (done) => void (done === total && console.error(`${label}: ${total}`))
  const bar = new SingleBar({ format: `${label} {bar} {value} of {total}` }, Presets.shades_classic)
  bar.start(total, 0)
  return (done) => {
    bar.update(done)
    if (done === total) bar.stop()
  }
}
