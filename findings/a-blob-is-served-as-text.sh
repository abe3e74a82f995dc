#!/usr/bin/env bash
# Expected: `new Response(blob)` has the type of the blob as its Content-Type (Fetch, "extract a body"), also when
# @hono/node-server puts its own `Response` in the place of that of Node.
# Seen (@hono/node-server 2.1.9, hono 4.13.19, Node 20): a blob of type `image/svg+xml` is sent as `text/plain; charset=UTF-8`, and
# `response.headers` says the same. Forms and URLSearchParams keep their types, and so does a blob once something in between has
# asked for `response.body`. With the `Response` of Node (`overrideGlobalObjects: false`) all are right. So a
# picture is right in tests with `app.request()`, and its source code in a browser.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @hono/node-server@2.1.9 hono@4.13.19 >/dev/null

cat >seen.mjs <<'JS'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
const blob = () => new Blob([SVG], { type: 'image/svg+xml' })
const app = new Hono()
  .get('/blob', () => new Response(blob()))
  .get('/form', () => new Response(new URLSearchParams({ a: '1' })))
  .get('/asked', () => {
    const response = new Response(blob())
    void response.body
    return response
  })
  .get('/read', (c) => c.text(new Response(blob()).headers.get('content-type')))

async function types(title, options) {
  const server = createAdaptorServer({ fetch: app.fetch, ...options })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  for (const path of ['blob', 'form', 'asked', 'read']) {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/${path}`)
    const text = await response.text()
    console.log(title, path, path === 'read' ? text : response.headers.get('content-type'))
  }
  server.closeAllConnections()
  server.close()
}

await types('Node:', { overrideGlobalObjects: false })
await types('hono:', {})
JS
seen=$(node seen.mjs)
echo "$seen"
[ "$seen" = 'Node: blob image/svg+xml
Node: form application/x-www-form-urlencoded;charset=UTF-8
Node: asked image/svg+xml
Node: read image/svg+xml
hono: blob text/plain; charset=UTF-8
hono: form application/x-www-form-urlencoded;charset=UTF-8
hono: asked image/svg+xml
hono: read text/plain; charset=UTF-8' ]
