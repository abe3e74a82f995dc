import { Agent, get } from 'node:http'

const agent = new Agent({ keepAlive: true })

/** Milliseconds until the first byte of the body of a response. */
export function firstByte(url: string): Promise<number> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let time = 0
      response.once('data', () => {
        time = performance.now() - start
      })
      response.on('end', () => resolve(time))
      response.resume()
    })
    request.on('error', reject)
  })
}
