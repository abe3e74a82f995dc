#!/usr/bin/env bash
# Expected: clients of Redis Cluster can use a Cluster of a single node as it is started, with all slots and nothing to announce.
# Seen (redis-server 7.0): such a node has met nobody who could tell it its address, so CLUSTER SLOTS gives an empty host. redis
# 6.3.1 takes that for the host that it has asked. ioredis 6.0.0 leaves the node out, is left with none, closes, and connects
# anew for as long as the process lives; commands wait, and no event `error` says why.
# With `cluster-announce-ip` both work.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 ioredis@6.0.0 redis@6.3.1 >/dev/null

free() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
port=$(free)
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" \
  --cluster-enabled yes --cluster-port "$(free)" >server.log &
server=$!
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.05; done
redis-cli -p "$port" cluster addslotsrange 0 16383 >/dev/null
until redis-cli -p "$port" cluster info | grep -q 'cluster_state:ok'; do sleep 0.05; done

cat >seen.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'
import { createCluster } from 'redis'

const port = Number(process.argv[2])
const url = `redis://127.0.0.1:${port}`
const one = new Redis(url)

async function tryBoth(what) {
  const [[, , [host]]] = await one.call('CLUSTER', 'SLOTS')
  console.log(`${what}: the host in CLUSTER SLOTS is "${host}"`)

  const other = await createCluster({ rootNodes: [{ url }] }).connect()
  console.log(`  redis: ${await other.set('name', 'value')}`)
  other.destroy()

  const cluster = new Cluster([url])
  let errors = 0
  let closes = 0
  cluster.on('error', () => errors++)
  cluster.on('close', () => closes++)
  const answer = await Promise.race([cluster.set('name', 'value'), sleep(5000, 'no answer for 5 s')])
  console.log(`  ioredis: ${answer}, ${closes > 10 ? 'more than 10' : closes} times closed, ${errors} errors`)
  cluster.disconnect()
}

await tryBoth('as it was started')
await one.call('CONFIG', 'SET', 'cluster-announce-ip', '127.0.0.1')
await tryBoth('announced')
one.disconnect()
// a command that waits keeps the process
process.exit()
JS
seen=$(node seen.mjs "$port")
echo "$seen"
[ "$seen" = 'as it was started: the host in CLUSTER SLOTS is ""
  redis: OK
  ioredis: no answer for 5 s, more than 10 times closed, 0 errors
announced: the host in CLUSTER SLOTS is "127.0.0.1"
  redis: OK
  ioredis: OK, 0 times closed, 0 errors' ]
