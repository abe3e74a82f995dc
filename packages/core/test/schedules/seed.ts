/** What the schedules of this run are made from; set `SCHEDULE_SEED` to see a failure again. */
export const seed: number = Number(process.env['SCHEDULE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** `SCHEDULE_TIMES=10` tries ten times as many schedules as usual. */
export const times: number = Number(process.env['SCHEDULE_TIMES'] ?? 1)

process.stdout.write(`schedules: SCHEDULE_SEED=${seed}\n`)
