#!/usr/bin/env bash
# Expected: an ETag may hold any printable character but the quote (RFC 9110, section 8.8.3), so a client that sends
# back `"v1,v2"` in If-None-Match is answered with 304.
# Seen (Express 5.3.0 with fresh 2.0.0, Hono 4.13.0): a tag with a comma in it is never confirmed, since both cut
# If-None-Match at commas without a look at the quotes. Whoever makes tags of lists (`"v1,v2"`, or a set of ids) sends the
# whole body each time, and nothing tells him so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund express@5.3.0 fresh@2.0.0 hono@4.13.0 >/dev/null

cat >seen.mjs <<'JS'
import { get } from 'node:http'
import express from 'express'
import { Hono } from 'hono'
import { etag } from 'hono/etag'

const tags = ['"v1"', '"v1,v2"']
const app = express()
app.get('/:i', (req, res) => res.set('ETag', tags[req.params.i]).send('body'))
const server = app.listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))

const inExpress = (i, sent) =>
  new Promise((resolve) => {
    const { port } = server.address()
    get({ port, path: `/${i}`, headers: { 'if-none-match': sent }, agent: false }, (res) => {
      res.resume()
      resolve(res.statusCode)
    })
  })

const hono = new Hono()
hono.use(etag())
hono.get('/:i', (c) => c.text('body', 200, { ETag: tags[c.req.param('i')] }))
const inHono = async (i, sent) => (await hono.request(`/${i}`, { headers: { 'If-None-Match': sent } })).status

for (const [name, ask] of [['Express', inExpress], ['Hono', inHono]]) {
  for (const [i, tag] of tags.entries()) {
    console.log(`${name}: ${tag} alone ${await ask(i, tag)}, in a list ${await ask(i, `"other", ${tag}`)}`)
  }
}
server.close()
JS
seen=$(node seen.mjs)
echo "$seen"
[ "$seen" = 'Express: "v1" alone 304, in a list 304
Express: "v1,v2" alone 200, in a list 200
Hono: "v1" alone 304, in a list 304
Hono: "v1,v2" alone 200, in a list 200' ]
