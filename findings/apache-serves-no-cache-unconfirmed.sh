#!/usr/bin/env bash
# Expected: a cache that has a fresh copy answers a request with another tag in `If-None-Match`, or with an older `If-Modified-Since`, with
# that copy (RFC 9111, section 4.3.2), a hit has the status that was stored, and a copy that says `s-maxage` or `no-cache` is not
# served stale (sections 5.2.2.4 and 5.2.2.10).
# Seen (Apache 2.4.71 of Debian 12, mod_cache as it comes, since `CacheStaleOnError` is on by default):
#   whoever comes with an old tag or an older date is sent on to the origin, each time, although the copy is fresh. After a
#     release that is every browser that has been there before.
#   a status that Apache has no line for comes out of the cache as 500: 418, 425 and 499 here, once they were stored.
#   when the origin answers 503 or hangs up, a copy with `no-cache` is served with 200, without anybody having confirmed it; with `s-maxage=1`,
#     or with the `max-age=60, s-maxage=0` that is meant for browsers only, after a 503 alone. `must-revalidate` and
#     `proxy-revalidate` are heeded. (A target with a query is not stored with `no-cache`, so there it does not show.)
# So behind Apache only these two say that nothing may be served that was not confirmed.
# It needs Debian 12, whose packages are unpacked here and not installed.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server" || true; wait "$server" || true; done 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q apache2-bin libapr1 libaprutil1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')

cat >origin.mjs <<'JS'
import { createServer } from 'node:http'

let state = 'up'
createServer((req, res) => {
  const page = JSON.parse(Buffer.from(req.url.slice(1), 'base64url'))
  if (page.is) state = page.is
  else if (state === 'hangs up') return req.socket.destroy()
  else if (state === '503') res.statusCode = 503
  else {
    for (const name of ['Cache-Control', 'ETag', 'Last-Modified']) if (page[name]) res.setHeader(name, page[name])
    res.setHeader('X-Made-At', String(process.hrtime.bigint()))
    res.statusCode = page.status ?? 200
  }
  res.end('body')
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})
JS
node origin.mjs >origin.port &
servers+=($!)
until [ -s origin.port ]; do sleep 0.05; done

mkdir -m 777 run run/cache
{
  for name in mpm_event authz_core proxy proxy_http cache cache_disk; do echo "LoadModule ${name}_module $folder/root/usr/lib/apache2/modules/mod_$name.so"; done
  cat <<CFG
ServerRoot $folder/run
ServerName localhost
DefaultRuntimeDir $folder/run
PidFile $folder/run/pid
ErrorLog $folder/run/log
Listen 127.0.0.1:$port
User nobody
Group nogroup
CacheRoot $folder/run/cache
CacheEnable disk /
ProxyPass / http://127.0.0.1:$(cat origin.port)/ retry=0
CFG
} >httpd.conf
LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu root/usr/sbin/apache2 -f "$folder/httpd.conf" -DFOREGROUND >apache.log 2>&1 &
servers+=($!)

cat >seen.mjs <<'JS'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const [apache, origin] = process.argv.slice(2)
const ask = (page, headers = {}, port = apache) =>
  new Promise((resolve, reject) => {
    const path = `/${Buffer.from(JSON.stringify(page)).toString('base64url')}`
    const sent = request({ port, path, headers: { Host: 'localhost', ...headers }, agent: false }, (res) => {
      res.resume()
      resolve({ status: res.statusCode, madeAt: res.headers['x-made-at'] })
    })
    sent.on('error', reject).end()
  })
const put = (is) => ask({ is }, {}, origin)

for (let isUp = false; !isUp; ) isUp = await ask({ 'Cache-Control': 'no-store' }).then(() => true, () => sleep(50))

for (const [fields, header, values] of [
  [{ ETag: '"new"' }, 'If-None-Match', ['"new"', '"old"']],
  [{ 'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 'If-Modified-Since', ['Thu, 01 Jan 2026 00:00:00 GMT', 'Wed, 01 Jan 2025 00:00:00 GMT']],
]) {
  for (const value of values) {
    const page = { 'Cache-Control': 'max-age=60', ...fields, value }
    const [first, again] = [await ask(page), await ask(page)]
    const seen = []
    for (let last = again, i = 0; i < 3; i++) {
      const { status, madeAt = last.madeAt } = await ask(page, { [header]: value })
      seen.push(`${status} ${madeAt === last.madeAt ? 'kept' : 'asked for'}`)
      last = { madeAt }
    }
    console.log(`${first.madeAt === again.madeAt ? 'stored' : 'not stored'}, ${header}: ${value}: ${seen.join(', ')}`)
  }
}
for (const status of [404, 418, 425, 499]) {
  const page = { 'Cache-Control': 'max-age=60', status }
  console.log(`stored with ${(await ask(page)).status}, hit with ${(await ask(page)).status}`)
}
const controls = ['no-cache', 'no-cache, must-revalidate', 's-maxage=1', 'max-age=60, s-maxage=0', 'max-age=60, s-maxage=0, proxy-revalidate']
for (const state of ['503', 'hangs up']) {
  await put('up')
  const pages = controls.map((control) => ({ 'Cache-Control': control, ETag: '"1"', state }))
  for (const page of pages) await ask(page)
  await sleep(2500)
  await put(state)
  for (const page of pages) console.log(`origin ${state}, ${page['Cache-Control']}: ${(await ask(page)).status}`)
}
JS
seen=$(node seen.mjs "$port" "$(cat origin.port)")
echo "$seen"
[ "$seen" = 'stored, If-None-Match: "new": 304 kept, 304 kept, 304 kept
stored, If-None-Match: "old": 200 asked for, 200 asked for, 200 asked for
stored, If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT: 304 kept, 304 kept, 304 kept
stored, If-Modified-Since: Wed, 01 Jan 2025 00:00:00 GMT: 200 asked for, 200 asked for, 200 asked for
stored with 404, hit with 404
stored with 418, hit with 500
stored with 425, hit with 500
stored with 499, hit with 500
origin 503, no-cache: 200
origin 503, no-cache, must-revalidate: 503
origin 503, s-maxage=1: 200
origin 503, max-age=60, s-maxage=0: 200
origin 503, max-age=60, s-maxage=0, proxy-revalidate: 503
origin hangs up, no-cache: 200
origin hangs up, no-cache, must-revalidate: 502
origin hangs up, s-maxage=1: 502
origin hangs up, max-age=60, s-maxage=0: 502
origin hangs up, max-age=60, s-maxage=0, proxy-revalidate: 502' ]
