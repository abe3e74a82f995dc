/** Keeps a processor busy for a share of the time, until whoever started it is gone. */
const { share } = JSON.parse(process.argv[2] ?? '') as { readonly share: number }
const PERIOD = 50

function burn(): void {
  const until = performance.now() + PERIOD * share
  while (performance.now() < until);
  setTimeout(burn, PERIOD * (1 - share))
}

process.once('disconnect', () => process.exit())
process.once('message', () => process.exit())
burn()
