import { Presets, SingleBar } from 'cli-progress'

/** Shows how far something is: a bar, or a line now and then where there is no TTY. Ends when `total` is reached. */
export function startProgress(label: string, total: number): (done: number) => void {
  const format = `${label} {bar} {value} of {total}`
  const bar = new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 5_000 }, Presets.shades_classic)
  bar.start(total, 0)
  return (done) => {
    bar.update(done)
    if (done === total) bar.stop()
  }
}
