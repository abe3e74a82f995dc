import { fork } from 'node:child_process'
import { once } from 'node:events'

export type ChildService = { readonly url: string; stop(): Promise<void> }

/** Starts the service in a process of its own, on a free port; on the Redis of `REDIS_URL` only if it is to share it. */
export async function startChildService(args: readonly string[], isShared: boolean): Promise<ChildService> {
  const script = new URL('../src/start.ts', import.meta.url)
  const { REDIS_URL, ...others } = process.env
  const env = isShared ? { ...others, REDIS_URL } : others
  const child = fork(script, [...args, '--port', '0'], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const [{ url }] = await Promise.race([once(child, 'message'), exited.then(refuse)])

  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await exited
      if (code !== 0) throw new Error(`the service ended with exit code ${code}`)
    },
  }
}

function refuse([code]: readonly unknown[]): never {
  throw new Error(`the service ended before it listened, with exit code ${String(code)}`)
}
