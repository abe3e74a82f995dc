/** What the schedules of this run are made from; set `SCHEDULE_SEED` to see a failure again. */
export const seed: number = Number(process.env['SCHEDULE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

process.stdout.write(`schedules: SCHEDULE_SEED=${seed}\n`)
