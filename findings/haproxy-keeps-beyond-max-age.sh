#!/usr/bin/env bash
# Expected: a shared cache counts the `Age` that a response comes with (RFC 9111, section 4.2), so one with `max-age=10` and `Age: 8`
# is served for two seconds more, and `max-age="0"` is as good as `max-age=0`, since recipients should take both forms
# (section 5.2). What cannot be read is stale.
# Seen (HAProxy 2.6 of Debian 12): `Age` is counted once, to see whether the response may be stored; then its lifetime begins anew, and
# hits go out with an `Age` beyond their `max-age`. A quoted number is not read, so the response is kept for the `max-age` of the
# configuration, here a minute. `Age: 0`, as a hit has it in its first second, keeps a response from being stored at all. nginx starts the lifetime anew as well.
# So behind a cache that sends `Age`, a copy may be used for twice its lifetime.
# It needs haproxy on the PATH.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server"; done; rm -rf "$folder"' EXIT
cd "$folder"

cat >origin.mjs <<'JS'
import { createServer } from 'node:http'

const answers = { '/young': ['max-age=3'], '/new': ['max-age=3', '0'], '/aged': ['max-age=10', '8'], '/over': ['max-age=10', '12'], '/plain': ['max-age=0'], '/quoted': ['max-age="0"'] }
let count = 0
createServer((req, res) => {
  const [control, age] = answers[req.url]
  res.setHeader('Cache-Control', control)
  if (age !== undefined) res.setHeader('Age', age)
  res.setHeader('X-Answer', String(++count))
  res.end('body')
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})
JS
node origin.mjs >origin.port &
servers+=($!)
until [ -s origin.port ]; do sleep 0.05; done
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
cat >haproxy.cfg <<CFG
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
cache kept
  total-max-size 4
  max-age 60
frontend clients
  bind 127.0.0.1:$port
  http-request cache-use kept
  http-response cache-store kept
  default_backend origin
backend origin
  server one 127.0.0.1:$(cat origin.port)
CFG
haproxy -db -f haproxy.cfg >/dev/null 2>&1 &
servers+=($!)

cat >seen.mjs <<'JS'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const [port] = process.argv.slice(2)
const ask = (path) =>
  new Promise((resolve, reject) => {
    const sent = request({ port, path, agent: false }, (res) => {
      res.resume()
      resolve({ answer: res.headers['x-answer'], age: Number(res.headers.age ?? 0) })
    })
    sent.on('error', reject).end()
  })

for (let isUp = false; !isUp; ) isUp = await ask('/plain').then(() => true, () => sleep(50))
const paths = ['/young', '/aged', '/quoted', '/new', '/over', '/plain']
const first = await Promise.all(paths.map(ask))
const isHit = async (i) => (await ask(paths[i])).answer === first[i].answer
const hits = []
for (const i of paths.keys()) if (await isHit(i)) hits.push(paths[i])
console.log(`stored: ${hits.join(' ')}`)
await sleep(5000)
const { answer, age } = await ask('/aged')
console.log(`5 s later /aged is ${answer === first[1].answer && age > 10 ? 'served, with an Age beyond its max-age of 10' : 'asked for'}`)
console.log(`/young is ${(await isHit(0)) ? 'served' : 'asked for'}, /quoted is ${(await isHit(2)) ? 'served' : 'asked for'}`)
JS
seen=$(node seen.mjs "$port")
echo "$seen"
[ "$seen" = 'stored: /young /aged /quoted
5 s later /aged is served, with an Age beyond its max-age of 10
/young is asked for, /quoted is served' ]
