/** What the caller did wrong. The message goes into the answer. */
export class RequestError extends Error {
  readonly status: 400 | 404

  constructor(status: 400 | 404, message: string) {
    super(message)
    this.name = 'RequestError'
    this.status = status
  }
}
