import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromiumPath, freePort, programPath } from '@shelflife/test-servers'
import { chromium } from 'playwright-core'
import { Agent, cacheStores, interceptors, request } from 'undici'

/** A cache that stands between a server and its clients. */
export interface CacheBehind {
  /** Asks through the cache. */
  ask(path: string, headers: Readonly<Record<string, string>>): Promise<string>
  close(): Promise<void>
}

type Start = (origin: string) => Promise<CacheBehind>

/** The cache of a client that several users share. */
async function undici(origin: string): Promise<CacheBehind> {
  const cache = interceptors.cache({ store: new cacheStores.MemoryCacheStore(), type: 'shared' })
  const dispatcher = new Agent().compose(cache)
  return {
    async ask(path, headers) {
      const { body } = await request(`${origin}${path}`, { dispatcher, headers })
      return body.text()
    },
    close: () => dispatcher.close(),
  }
}

interface Proxy {
  readonly program: Parameters<typeof programPath>[0]
  config(at: { readonly origin: URL; readonly port: number; readonly folder: string }): string
  args(at: { readonly file: string; readonly port: number; readonly folder: string }): readonly string[]
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Starts a proxy that caches, with a folder of its own. */
const proxy =
  ({ program, config, args }: Proxy): Start =>
  async (origin) => {
    const folder = await mkdtemp(join(tmpdir(), `${program.name}-`))
    // those who start as root go on as somebody else
    await chmod(folder, 0o755)
    const port = await freePort()
    const file = join(folder, 'config')
    await writeFile(file, config({ origin: new URL(origin), port, folder }))
    const child = spawn(programPath(program), args({ file, port, folder }), { stdio: 'ignore' })
    const exited = once(child, 'exit')
    const end = (): void => void child.kill('SIGTERM')
    process.once('exit', end)
    while (!(await isListening(port))) {
      if (child.exitCode !== null) {
        await rm(folder, { recursive: true, force: true })
        throw new Error(`${program.name} ended with ${child.exitCode}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const agent = new Agent()
    return {
      async ask(path, headers) {
        const { body } = await request(`http://127.0.0.1:${port}${path}`, { dispatcher: agent, headers })
        return body.text()
      },
      async close() {
        await agent.close()
        process.removeListener('exit', end)
        end()
        await exited
        await rm(folder, { recursive: true, force: true })
      },
    }
  }

const nginx = proxy({
  program: { name: 'nginx', variable: 'NGINX', packages: { debian: 'nginx-light', brew: 'nginx' } },
  config: ({ origin, port, folder }) => `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 1;
    daemon off;
    pid ${folder}/pid;
    error_log ${folder}/error.log;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder}/body;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      proxy_temp_path ${folder}/temp;
      proxy_cache_path ${folder}/cache keys_zone=all:1m;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass ${origin.origin};
          proxy_cache all;
        }
      }
    }`,
  args: ({ file, folder }) => ['-p', folder, '-c', file, '-e', join(folder, 'error.log')],
})

const varnish = proxy({
  program: { name: 'varnishd', variable: 'VARNISHD', packages: { debian: 'varnish', brew: 'varnish' } },
  // it would pass requests with cookies by, which is how it is set up where they are known to be harmless
  config: ({ origin }) => `
    vcl 4.1;
    backend default { .host = "${origin.hostname}"; .port = "${origin.port}"; }
    sub vcl_recv { return (hash); }`,
  args: ({ file, port, folder }) => [
    '-F',
    '-f',
    file,
    '-a',
    `127.0.0.1:${port}`,
    '-n',
    join(folder, 'work'),
    '-s',
    'malloc,16m',
    '-T',
    'none',
  ],
})

/** One profile of a browser that several users have, one after the other. */
async function browser(origin: string): Promise<CacheBehind> {
  // Chromium has no sandbox for root
  const started = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] })
  const context = await started.newContext()
  const page = await context.newPage()
  await page.goto(`${origin}/facts`)
  return {
    async ask(path, { cookie, ...headers }) {
      await context.clearCookies()
      const [name, value] = cookie?.split('=') ?? []
      if (name !== undefined && value !== undefined) await context.addCookies([{ name, value, url: origin }])
      return page.evaluate(async ([at, sent]) => (await fetch(at, { headers: sent })).text(), [path, headers] as const)
    },
    close: () => started.close(),
  }
}

/** Real ones, as their packages come. */
export const CACHES_BEHIND: Readonly<Record<string, Start>> = {
  'the cache of undici': undici,
  nginx,
  Varnish: varnish,
  Chromium: browser,
}
