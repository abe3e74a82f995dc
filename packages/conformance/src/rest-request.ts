/** A command of Redis: its name, then its arguments. */
export type RestCommand = readonly [name: string, ...args: (string | Buffer)[]]

/** What a request asks for, as the front tells it to whoever injects faults or counts. */
export interface RestRequest {
  /** `/`, `/pipeline`, `/multi-exec`, `/subscribe/…`, or that of a command, such as `/get/key`. */
  readonly path: string
  /** One, or those of a pipeline or transaction. */
  readonly commands: readonly RestCommand[]
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: number
}

/** What is sent that is no command; answered with 400. */
export class NotACommand extends Error {
  override readonly name = 'NotACommand'
}

/** What the service does not carry out over HTTP: what changes or blocks a connection. */
const UNAVAILABLE =
  /^(AUTH|B[LRZ]\w+|CLIENT|DISCARD|EXEC|HELLO|MONITOR|MULTI|P?SUBSCRIBE|P?UNSUBSCRIBE|QUIT|RESET|SELECT|S?SUBSCRIBE|UNWATCH|WAIT|WATCH)$/

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return ''
  throw new NotACommand('ERR failed to parse command: arguments must be strings, numbers, booleans or null')
}

function commandOf(words: readonly (string | Buffer)[]): RestCommand {
  const name = String(words[0] ?? '').toUpperCase()
  if (name === '') throw new NotACommand('ERR empty command')
  if (UNAVAILABLE.test(name)) throw new NotACommand(`ERR Command is not available: '${name}'`)
  return [name, ...words.slice(1)]
}

function listIn(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value
  } catch {
    // the same for both
  }
  throw new NotACommand('ERR failed to parse command: the body must be a JSON array')
}

/** `POST /` with the command as a JSON array. */
export const commandInBody = (body: Buffer): RestCommand => commandOf(listIn(body.toString()).map(wordOf))

/** `POST /pipeline` and `POST /multi-exec` with an array of commands. */
export function commandsInBody(body: Buffer): readonly RestCommand[] {
  const commands = listIn(body.toString()).map((one) => {
    if (!Array.isArray(one))
      throw new NotACommand('ERR failed to parse pipeline request: each command must be an array')
    return commandOf(one.map(wordOf))
  })
  if (commands.length === 0) throw new NotACommand('ERR empty pipeline request')
  return commands
}

/** `/set/key?EX=100` with the value in the body: path, then body, then what stands in the query. */
export function commandInPath(url: URL, body: Buffer): RestCommand {
  const words: (string | Buffer)[] = url.pathname.slice(1).split('/').map(decodeURIComponent)
  if (body.length > 0) words.push(body)
  for (const [name, value] of url.searchParams) {
    if (name === '_token') continue
    words.push(name)
    if (value !== '') words.push(value)
  }
  return commandOf(words)
}
