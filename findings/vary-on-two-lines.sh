#!/usr/bin/env bash
# Expected: `Vary: Origin` and `Vary: Accept-Language` on two lines are one list (RFC 9110, section 5.3), so a cache keeps a copy for each
# pair of the two. Two lines are what comes out where a middleware appends to what the application has set.
# Seen (Debian 12): nginx 1.22.1 heeds the last line only, so the copy made for one origin goes to the other. Apache Traffic Server 9.2.5
# (it calls itself 9.2.9) heeds the first only, so who wants German gets English. Apache 2.4 heeds both, but of the copies that differ
# by the second line only it finds none but the newest, and asks again each time the language changes. All three are right when the list
# is on one line.
# So what varies belongs on one line, and whoever adds to it has to write it anew.
# It needs Debian 12, whose packages are unpacked here and not installed.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server" || true; wait "$server" || true; done 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q nginx trafficserver libhwloc15 libluajit2-5.1-2 libmaxminddb0 libpcre3 libyaml-cpp0.7 apache2-bin libapr1 libaprutil1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
lib=$folder/root/usr/lib
export LD_LIBRARY_PATH=$lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu:$lib/trafficserver
free() { env -u LD_LIBRARY_PATH node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }

cat >origin.mjs <<'JS'
import { createServer } from 'node:http'

const vary = { '/one-line': 'Origin, Accept-Language', '/two-lines': ['Origin', 'Accept-Language'] }
createServer((req, res) => {
  const { origin, 'accept-language': language } = req.headers
  res.writeHead(vary[req.url] ? 200 : 404, { 'Cache-Control': 'max-age=60', Vary: vary[req.url] ?? 'Origin', 'X-Made-At': String(process.hrtime.bigint()) })
  res.end(`${language} for ${origin}`)
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})
JS
env -u LD_LIBRARY_PATH node origin.mjs >origin.port &
servers+=($!)
until [ -s origin.port ]; do sleep 0.05; done
origin=127.0.0.1:$(cat origin.port)

nginx=$(free)
mkdir -m 777 nginx nginx/cache
cat >nginx/nginx.conf <<CFG
daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path body;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  proxy_temp_path proxy;
  proxy_cache_path cache keys_zone=kept:1m;
  server {
    listen 127.0.0.1:$nginx;
    location / {
      proxy_pass http://$origin;
      proxy_cache kept;
    }
  }
}
CFG
root/usr/sbin/nginx -p "$folder/nginx" -c nginx.conf >nginx.log 2>&1 &
servers+=($!)

ats=$(free)
mkdir -m 777 ats ats/cache ats/run
cp -r root/etc/trafficserver ats/config
echo "map / http://$origin/" >ats/config/remap.config
echo "$folder/ats/cache 32M" >ats/config/storage.config
cat >ats/config/records.config <<CFG
CONFIG proxy.config.http.server_ports STRING $ats:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.body_factory.template_sets_dir STRING $folder/ats/config/body_factory
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CFG
{
  for name in prefix includedir datadir mandir infodir; do echo "$name: $folder/ats"; done
  for name in localstatedir runtimedir logdir; do echo "$name: $folder/ats/run"; done
  for name in bindir sbindir; do echo "$name: $folder/root/usr/bin"; done
  printf '%s\n' "exec_prefix: $folder/root/usr" "sysconfdir: $folder/ats/config" "libdir: $lib" "libexecdir: $lib/trafficserver/modules" "cachedir: $folder/ats/cache"
} >ats/runroot.yaml
root/usr/bin/traffic_server "--run-root=$folder/ats/runroot.yaml" >ats.log 2>&1 &
servers+=($!)

apache=$(free)
mkdir -m 777 apache apache/cache
{
  for name in mpm_event authz_core proxy proxy_http cache cache_disk; do echo "LoadModule ${name}_module $lib/apache2/modules/mod_$name.so"; done
  cat <<CFG
ServerRoot $folder/apache
ServerName localhost
DefaultRuntimeDir $folder/apache
PidFile $folder/apache/pid
ErrorLog $folder/apache/log
Listen 127.0.0.1:$apache
User nobody
Group nogroup
CacheRoot $folder/apache/cache
CacheEnable disk /
ProxyPass / http://$origin/
CFG
} >apache/httpd.conf
root/usr/sbin/apache2 -f "$folder/apache/httpd.conf" -DFOREGROUND >apache.log 2>&1 &
servers+=($!)

cat >seen.mjs <<'JS'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const ask = (port, path, origin, language) =>
  new Promise((resolve, reject) => {
    const headers = { Host: 'localhost', Origin: origin, 'Accept-Language': language }
    const sent = request({ port, path, headers, agent: false }, async (res) => {
      let body = ''
      for await (const chunk of res) body += chunk
      resolve({ status: res.statusCode, body, madeAt: res.headers['x-made-at'] })
    })
    sent.on('error', reject).end()
  })

const asked = [['a', 'en'], ['b', 'en'], ['a', 'de'], ['a', 'en']]
for (const [name, port] of [['nginx', process.argv[2]], ['Traffic Server', process.argv[3]], ['Apache', process.argv[4]]]) {
  for (let isUp = false; !isUp; ) isUp = await ask(port, '/', 'a', 'en').then(({ status }) => status === 404, () => false) || (await sleep(50))
  for (const path of ['/one-line', '/two-lines']) {
    const answers = []
    for (const [origin, language] of asked) answers.push(await ask(port, path, origin, language))
    const got = answers.map(({ body }) => body).join(', ')
    console.log(`${name} ${path}: ${got}; the last was ${answers[3].madeAt === answers[0].madeAt ? 'kept' : 'asked for again'}`)
  }
}
JS
seen=$(env -u LD_LIBRARY_PATH node seen.mjs "$nginx" "$ats" "$apache")
echo "asked for: en for a, en for b, de for a, en for a"
echo "$seen"
[ "$seen" = 'nginx /one-line: en for a, en for b, de for a, en for a; the last was kept
nginx /two-lines: en for a, en for a, de for a, en for a; the last was kept
Traffic Server /one-line: en for a, en for b, de for a, en for a; the last was kept
Traffic Server /two-lines: en for a, en for b, en for a, en for a; the last was kept
Apache /one-line: en for a, en for b, de for a, en for a; the last was kept
Apache /two-lines: en for a, en for b, de for a, en for a; the last was asked for again' ]
