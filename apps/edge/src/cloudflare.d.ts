/** What this Worker uses of the runtime, and its variables and secrets. */
declare module 'cloudflare:workers' {
  export const env: {
    readonly ORIGIN: string
    readonly UPSTASH_REDIS_REST_URL: string
    readonly UPSTASH_REDIS_REST_TOKEN: string
    readonly WEBHOOK_SECRET: string
  }
  /** Keeps the request that runs now alive for work that goes on after its answer. */
  export function waitUntil(work: Promise<unknown>): void
}
