#!/usr/bin/env bash
# Expected: a deadline of a Redis client runs out when the server has not answered in time.
# Seen (ioredis 6.0.0, redis 6.3.1, Node 24.21.0, redis-server 7.0): it runs out as well when the server has answered
# within a millisecond and the event loop of the process was blocked for longer than the deadline. Node runs timers before it
# reads sockets, so the answer lies in the buffer of the connection when the timer finds it missing.
#   ioredis `socketTimeout`: the connection is destroyed and the command rejected, although it was carried out.
#   ioredis `commandTimeout`: the command is rejected, although it was carried out.
#   redis `socket.socketTimeout`: the connection is lost and the command rejected, although it was carried out.
#   without a deadline: both have the answer as soon as the loop turns.
# So a deadline that fits the network turns a pause of the process into a failure of the store.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 ioredis@6.0.0 redis@6.3.1 >/dev/null

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
server=$!

cat >seen.mjs <<'JS'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

const port = Number(process.argv[2])
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const block = (ms) => {
  const end = performance.now() + ms
  while (performance.now() < end);
}
const counter = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 })
counter.on('error', () => {})
await counter.ping()

/** Sends INCR, lets it reach the socket, blocks the loop, and tells what became of it and of the counter. */
async function during(name, send) {
  await counter.set(name, 0)
  const sent = send(name).then(
    () => 'answered',
    () => 'rejected',
  )
  await new Promise(setImmediate)
  block(1500)
  const outcome = await sent
  await sleep(100)
  console.log(`${name}: ${outcome}, carried out ${await counter.get(name)} time`)
}

for (const [name, options] of [
  ['ioredis socketTimeout', { socketTimeout: 500, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }],
  ['ioredis commandTimeout', { commandTimeout: 500 }],
  ['ioredis', {}],
]) {
  const client = new Redis({ port, host: '127.0.0.1', ...options })
  client.on('error', () => {})
  await client.ping()
  await during(name, (key) => client.incr(key))
  client.disconnect()
}
for (const [name, socket] of [
  ['redis socketTimeout', { socketTimeout: 500 }],
  ['redis', {}],
]) {
  const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: false, ...socket }, disableOfflineQueue: true })
  client.on('error', () => {})
  await client.connect()
  await during(name, (key) => client.incr(key))
  if (client.isOpen) client.destroy()
}
counter.disconnect()
JS

seen=$(npx node seen.mjs "$port")
expected='ioredis socketTimeout: rejected, carried out 1 time
ioredis commandTimeout: rejected, carried out 1 time
ioredis: answered, carried out 1 time
redis socketTimeout: rejected, carried out 1 time
redis: answered, carried out 1 time'
printf '%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'this has changed; expected:\n%s\n' "$expected"; exit 1; }
