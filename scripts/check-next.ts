import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FILES = {
  'package.json': '{ "private": true }',
  'cache.js': `import { createCacheFromEnv } from '@shelflife/env'
globalThis.product ??= { price: 1 }
const products = (await (globalThis.cache ??= createCacheFromEnv({ namespace: 'shop' }))).namespace('products')
export const getProduct = products.cached(async () => ({ ...globalThis.product }), { name: 'product', ttl: '1h' })
`,
  'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>\n',
  'app/page.js': `import { getProduct } from '../cache.js'
export const dynamic = 'force-dynamic'
export default async function Page() {
  return <p>{'price ' + (await getProduct()).price}</p>
}
`,
  'app/product/route.js': `import { getProduct } from '../../cache.js'
export async function PUT(request) {
  globalThis.product = await request.json()
  await getProduct.invalidate()
  return new Response(null, { status: 204 })
}
`,
}
const ORIGIN = 'http://127.0.0.1:4399'

/** What the page says, as soon as it can be asked. */
async function price(attempts = 100): Promise<string | undefined> {
  try {
    const page = await (await fetch(ORIGIN)).text()
    return /price \d/.exec(page)?.[0]
  } catch (error) {
    if (attempts === 0) throw error
    await new Promise((resolve) => setTimeout(resolve, 200))
    return price(attempts - 1)
  }
}

/**
 * Builds an application of Next with Turbopack, with memory alone installed, and starts it: what a route handler invalidates
 * is gone for pages, which are in another bundle.
 */
export async function checkNext(tarballs: readonly string[]): Promise<void> {
  const project = mkdtempSync(join(tmpdir(), 'shelflife-next-'))
  const run = (command: string, ...args: string[]): unknown =>
    execFileSync(command, args, {
      cwd: project,
      stdio: 'inherit',
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    })
  try {
    mkdirSync(join(project, 'app/product'), { recursive: true })
    for (const [file, text] of Object.entries(FILES)) writeFileSync(join(project, file), text)
    const needed = tarballs.filter((path) => /-(core|memory|env)-\d/.test(path))
    run('npm', 'install', '--no-audit', '--no-fund', '--silent', 'next@16.4.6', 'react@19', 'react-dom@19', ...needed)
    run('node', 'node_modules/next/dist/bin/next', 'build')
    const args = ['node_modules/next/dist/bin/next', 'start', '--port', new URL(ORIGIN).port]
    const server = spawn('node', args, { cwd: project, stdio: 'inherit' })
    try {
      const before = await price()
      await fetch(`${ORIGIN}/product`, { method: 'PUT', body: '{"price":2}' })
      const after = await price()
      if (before !== 'price 1' || after !== 'price 2') throw new Error(`the page said ${before}, then ${after}`)
    } finally {
      server.kill()
    }
  } finally {
    rmSync(project, { recursive: true })
  }
}
