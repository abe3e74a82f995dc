#!/usr/bin/env bash
# Expected: while a slot of a Redis Cluster is on its way to another node, a client follows ASK to that node.
# Seen (redis 6.3.1, ioredis 6.0.0, Node 24.21.0, redis-server 7.0): createCluster of redis cannot, when it is the first slot that
# the node takes, since it only knows nodes that have slots. A name that has moved is `Cannot find node 127.0.0.1:port` until the
# slot is finished. ioredis makes a connection to the node that ASK names, and reads it.
# So a Cluster that grows by a node is unreadable in part for one of the two clients while its first slot is moved.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server"; done; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 ioredis@6.0.0 redis@6.3.1 >/dev/null

free() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
ports=()
for name in old new; do
  port=$(free)
  mkdir "$name"
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder/$name" \
    --cluster-enabled yes --cluster-port "$(free)" >"$name.log" &
  servers+=($!)
  ports+=("$port")
done
at() { redis-cli -p "${ports[$1]}" "${@:2}"; }
for node in 0 1; do until at $node ping >/dev/null 2>&1; do sleep 0.05; done; done
at 0 cluster addslotsrange 0 16383 >/dev/null
at 1 config set cluster-require-full-coverage no >/dev/null
bus=$(at 1 cluster nodes | sed -n 's/.*@\([0-9]*\).*myself.*/\1/p')
at 0 cluster meet 127.0.0.1 "${ports[1]}" "$bus" >/dev/null
until at 1 cluster info | grep -q 'cluster_state:ok'; do sleep 0.05; done
until at 0 cluster nodes | grep -q "${ports[1]}@.* connected"; do sleep 0.05; done

cat >seen.mjs <<'JS'
import { execFileSync } from 'node:child_process'
import { Cluster } from 'ioredis'
import { createCluster } from 'redis'

const [from, to] = process.argv.slice(2).map(Number)
const ioredis = new Cluster([{ host: '127.0.0.1', port: from }])
const redis = createCluster({ rootNodes: [{ socket: { host: '127.0.0.1', port: from } }] })
for (const client of [ioredis, redis]) client.on('error', () => {})
await redis.connect()
await ioredis.set('{moved} name', 'x')

const cli = (port, ...words) => execFileSync('redis-cli', ['-p', String(port), ...words.map(String)], { encoding: 'utf8' }).trim()
const slot = Number(cli(from, 'cluster', 'keyslot', '{moved} name'))
cli(to, 'cluster', 'setslot', slot, 'importing', cli(from, 'cluster', 'myid'))
cli(from, 'cluster', 'setslot', slot, 'migrating', cli(to, 'cluster', 'myid'))
cli(from, 'migrate', '127.0.0.1', to, '{moved} name', 0, 1000)

const read = (client) => client.get('{moved} name').catch((error) => error.message.replace(/:\d+/, ':port'))
console.log(`ioredis: ${await read(ioredis)}`)
console.log(`redis: ${await read(redis)}`)
for (const [port, id] of [to, from].map((port) => [port, cli(to, 'cluster', 'myid')])) cli(port, 'cluster', 'setslot', slot, 'node', id)
console.log(`redis, when the slot is finished: ${await read(redis)}`)
ioredis.disconnect()
redis.destroy()
JS
seen=$(node seen.mjs "${ports[@]}")
echo "$seen"
[ "$seen" = 'ioredis: x
redis: Cannot find node 127.0.0.1:port
redis, when the slot is finished: x' ]
