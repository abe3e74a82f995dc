type Command = (argument: never) => unknown

/** What the parent passed with `startChild`. */
export const setup = <Setup>(): Setup => JSON.parse(process.argv[2] ?? '{}') as Setup

/** Tells the parent that something happened. */
export const tell = (event: unknown): void => void process.send?.({ event })

/** Milliseconds on a clock that all processes of the machine share. */
export const machineTime = (): number => Number(process.hrtime.bigint()) / 1e6

/** Carries out what the parent calls, and ends with the parent. */
export function serve(commands: Readonly<Record<string, Command>>): void {
  process.once('disconnect', () => process.exit())
  process.on('message', ({ id, name, argument }: { id: number; name: string; argument: never }) => {
    const answer = async (): Promise<unknown> => commands[name]?.(argument)
    answer().then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    )
  })
}
