#!/usr/bin/env bash
# Expected: when a node of a Redis Cluster answers MOVED for one slot, a client corrects that slot in its map.
# Seen (ioredis 6.0.0, redis-server 7.0): it corrects all slots that the node had, since all of them have one and the same list of
# owners in the map and MOVED writes into that. Until the map was fetched anew every command for what is still on the old
# node goes to the new one, which sends it back with MOVED: here 200 commands, 200 answers MOVED.
# So one slot that has moved costs a second round trip for each name of the node it came from, and a loop of redirections
# if the new node is the one that cannot be reached.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server"; done; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 ioredis@6.0.0 >/dev/null

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
import { Cluster, Redis } from 'ioredis'

const [from, to] = process.argv.slice(2).map(Number)
const cluster = new Cluster([{ host: '127.0.0.1', port: from }])
cluster.on('error', () => {})
await cluster.set('{moved} name', 'x')
const owned = () => cluster.slots.filter((owners) => owners[0] === `127.0.0.1:${to}`).length
const before = owned()

const cli = (port, ...words) => execFileSync('redis-cli', ['-p', String(port), ...words.map(String)], { encoding: 'utf8' }).trim()
const slot = Number(cli(from, 'cluster', 'keyslot', '{moved} name'))
const id = cli(to, 'cluster', 'myid')
cli(to, 'cluster', 'setslot', slot, 'importing', cli(from, 'cluster', 'myid'))
cli(from, 'cluster', 'setslot', slot, 'migrating', id)
cli(from, 'migrate', '127.0.0.1', to, '{moved} name', 0, 1000)
cli(to, 'cluster', 'setslot', slot, 'node', id)
cli(from, 'cluster', 'setslot', slot, 'node', id)

const movedAnswers = () => Number(/errorstat_MOVED:count=(\d+)/.exec(cli(to, 'info', 'errorstats'))?.[1] ?? 0)
const answers = movedAnswers()
let after = 0
let others = []
let isOver = false
cluster.get('{moved} name').then(() => {
  isOver = true
})
// until the map was fetched anew
while (!isOver || others.length === 0) {
  await new Promise(setImmediate)
  if (owned() > after) {
    after = owned()
    others = Array.from({ length: 200 }, (_, i) => cluster.get(`other ${i}`))
  }
}
await Promise.all(others)
const sentBack = movedAnswers() - answers
console.log(`slots of the new node in the map: ${before}, after one has moved: ${after}`)
console.log(`answers MOVED of the new node to 200 commands for others: ${sentBack > 190 ? 'about 200' : sentBack}`)
cluster.disconnect()
JS
seen=$(node seen.mjs "${ports[@]}")
echo "$seen"
[ "$seen" = 'slots of the new node in the map: 0, after one has moved: 16384
answers MOVED of the new node to 200 commands for others: about 200' ]
