#!/usr/bin/env bash
# Expected: `clear()` of a Keyv with a namespace takes what is in this namespace, and nothing else.
# Seen (keyv 5.6.0, @keyv/redis 5.1.6 on redis-server 7.0, @keyv/sqlite 4.0.8): the name goes into a pattern as it is. On
# Redis it is a glob for SCAN, so a `*` in it takes other namespaces along, and with brackets in it nothing is cleared at
# all; in SQLite it is a LIKE, so `_` stands for any character and capitals do not count. Of tenants `team_a` and `team-a`, or
# `ACME` and `acme`, the one that clears its own entries clears the other's.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server"; done; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund keyv@5.6.0 @keyv/redis@5.1.6 @keyv/sqlite@4.0.8 >/dev/null

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
servers+=($!)
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.05; done

cat >seen.mjs <<'JS'
import Keyv from 'keyv'
import KeyvRedis from '@keyv/redis'
import KeyvSqlite from '@keyv/sqlite'

const [port] = process.argv.slice(2)
const stores = {
  Redis: () => new KeyvRedis(`redis://127.0.0.1:${port}`),
  SQLite: () => new KeyvSqlite('sqlite://entries.sqlite'),
}

async function clear(kind, cleared, other) {
  const [mine, theirs] = [cleared, other].map((namespace) => new Keyv({ store: stores[kind](), namespace }))
  await mine.set('key', 'value')
  await theirs.set('key', 'value')
  await mine.clear()
  const left = async (keyv) => ((await keyv.get('key')) === undefined ? 'gone' : 'there')
  console.log(`${kind}: after clear() of '${cleared}' its key is ${await left(mine)}, that of '${other}' ${await left(theirs)}`)
}

await clear('Redis', 'team', 'other')
await clear('Redis', 'team*', 'teams')
await clear('Redis', 'team[1]', 'other')
await clear('SQLite', 'team', 'other')
await clear('SQLite', 'team_a', 'team-a')
await clear('SQLite', 'ACME', 'acme')
process.exit()
JS
seen=$(node seen.mjs "$port")
echo "$seen"
[ "$seen" = "Redis: after clear() of 'team' its key is gone, that of 'other' there
Redis: after clear() of 'team*' its key is gone, that of 'teams' gone
Redis: after clear() of 'team[1]' its key is there, that of 'other' there
SQLite: after clear() of 'team' its key is gone, that of 'other' there
SQLite: after clear() of 'team_a' its key is gone, that of 'team-a' gone
SQLite: after clear() of 'ACME' its key is gone, that of 'acme' gone" ]
