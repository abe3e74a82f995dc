import { Pool } from 'undici'

export type Client = {
  get<Body>(path: string): Promise<Body>
  put(path: string, body: unknown): Promise<void>
  close(): Promise<void>
}

/** Asks the service over keep-alive connections. Every answer but 200 is an error. */
export function createClient(url: string, connections: number): Client {
  const pool = new Pool(url, { connections })

  async function send(method: 'GET' | 'PUT', path: string, body?: string): Promise<unknown> {
    const response = await pool.request({ method, path, body: body ?? null })
    if (response.statusCode !== 200) throw new Error(`${method} ${path} was answered with ${response.statusCode}`)
    return response.body.json()
  }

  return {
    get: async <Body>(path: string) => (await send('GET', path)) as Body,
    put: async (path, body) => void (await send('PUT', path, JSON.stringify(body))),
    close: () => pool.close(),
  }
}
