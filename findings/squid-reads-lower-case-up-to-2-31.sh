#!/usr/bin/env bash
# Expected: names of `Cache-Control` directives are read in any case (RFC 9111, section 5.2), and a lifetime that is too large for a
# cache counts as the largest it has, or as 2147483648, the number that the RFC itself names (section 1.2.2).
# Seen (Squid 5.7 of Debian 12): only names in lower case are read. `Max-Age=60` and `S-MaxAge=60` keep nothing, and beside
# a `max-age=60` neither `Max-Age=0`, `S-MaxAge=0` nor `No-Cache` counts, so the copy is served for a minute. Lifetimes are taken modulo
# 2 ** 32 and with a sign: 2147483647 is kept, 2147483648 and the 3153600000 of a hundred years are asked for each time, as
# if they were 0, and 4294967298 is 2 seconds.
# So "for ever" means "never" from 2 ** 31 seconds on, and whoever writes directives by hand writes them in lower case.
# It needs Debian 12, whose packages are unpacked here and not installed.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server" || true; wait "$server" || true; done 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q squid squid-common squid-langpack libecap3 libltdl7 libnetfilter-conntrack3 libnfnetlink0 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')

cat >origin.mjs <<'JS'
import { createServer } from 'node:http'

createServer((req, res) => {
  res.setHeader('Cache-Control', decodeURIComponent(req.url.slice(1)))
  res.setHeader('X-Made-At', String(process.hrtime.bigint()))
  res.end('body')
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})
JS
node origin.mjs >origin.port &
servers+=($!)
until [ -s origin.port ]; do sleep 0.05; done

mkdir -m 777 run
share=$folder/root/usr/share
cat >squid.conf <<CFG
http_port 127.0.0.1:$port accel defaultsite=localhost no-vhost
cache_peer 127.0.0.1 parent $(cat origin.port) 0 no-query originserver
http_access allow all
never_direct allow all
cache_mem 8 MB
access_log none
cache_log $folder/run/log
pid_filename $folder/run/pid
coredump_dir $folder/run
mime_table $share/squid/mime.conf
icon_directory $share/squid/icons
error_directory $share/squid-langpack/en
unlinkd_program $folder/root/usr/lib/squid/unlinkd
pinger_enable off
netdb_filename none
logfile_rotate 0
cache_effective_user nobody
cache_effective_group nogroup
shutdown_lifetime 0 seconds
CFG
LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu root/usr/sbin/squid -N -f "$folder/squid.conf" >squid.log 2>&1 &
servers+=($!)

cat >seen.mjs <<'JS'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const [port] = process.argv.slice(2)
const ask = (control) =>
  new Promise((resolve, reject) => {
    const sent = request({ port, path: `/${encodeURIComponent(control)}`, headers: { Host: 'localhost' }, agent: false }, (res) => {
      res.resume()
      res.statusCode === 200 ? resolve(res.headers['x-made-at']) : reject(new Error(String(res.statusCode)))
    })
    sent.on('error', reject).end()
  })

for (let isUp = false; !isUp; ) isUp = await ask('no-store').then(() => true, () => sleep(50))
const controls = [
  'max-age=60', 'Max-Age=60', 'S-MaxAge=60', 'max-age=60, max-age=0', 'max-age=60, Max-Age=0', 'max-age=60, s-maxage=0', 'max-age=60, S-MaxAge=0',
  'max-age=60, no-cache', 'max-age=60, No-Cache', 'max-age=2147483647', 'max-age=2147483648', 's-maxage=3153600000', 'max-age=4294967298',
]
const made = new Map()
for (const control of controls) made.set(control, await ask(control))
for (const control of controls) console.log(`${control}: ${(await ask(control)) === made.get(control) ? 'served' : 'asked for again'}`)
await sleep(4500)
const last = controls.at(-1)
console.log(`${last}, 4.5 s later: ${(await ask(last)) === made.get(last) ? 'served' : 'asked for again'}`)
JS
seen=$(node seen.mjs "$port")
echo "$seen"
[ "$seen" = 'max-age=60: served
Max-Age=60: asked for again
S-MaxAge=60: asked for again
max-age=60, max-age=0: served
max-age=60, Max-Age=0: served
max-age=60, s-maxage=0: asked for again
max-age=60, S-MaxAge=0: served
max-age=60, no-cache: asked for again
max-age=60, No-Cache: served
max-age=2147483647: served
max-age=2147483648: asked for again
s-maxage=3153600000: asked for again
max-age=4294967298: served
max-age=4294967298, 4.5 s later: asked for again' ]
