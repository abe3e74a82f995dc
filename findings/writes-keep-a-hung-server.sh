#!/usr/bin/env bash
# Expected: `socketTimeout` of a Redis client ends a connection on which the server has answered nothing for that long.
# Seen (redis 6.3.1, ioredis 6.0.0, Node 24.21.0, redis-server 7.0), with a server that is stopped and a command every 100 ms:
#   redis `socket.socketTimeout: 500`: no command is rejected and the connection stays for as long as commands are sent, here
#   3 s. The time-out is that of the socket, which Node starts anew with every write. With one command and nothing after
#   it the connection ends after 500 ms.
#   ioredis `socketTimeout: 500`: the connection ends and the commands are rejected after 500 ms, however many follow.
# So a busy process waits for a hung server for as long as it is busy, and an idle one does not.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill -CONT "$server"; kill "$server"; }; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 ioredis@6.0.0 redis@6.3.1 >/dev/null

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
server=$!

cat >seen.mjs <<'JS'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

const [port, pid] = process.argv.slice(2).map(Number)
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** How long the first command waited for its end, of some sent every 100 ms while the server is stopped. */
async function during(name, times, send) {
  process.kill(pid, 'SIGSTOP')
  const since = performance.now()
  let endedAfter
  for (let i = 0; i < 30; i++) {
    if (i < times) send().catch(() => (endedAfter ??= performance.now() - since))
    await sleep(100)
  }
  process.kill(pid, 'SIGCONT')
  const outcome = endedAfter === undefined ? 'still open' : endedAfter < 1500 ? 'ended in time' : 'ended late'
  console.log(`${name}, ${times === 1 ? 'one command' : 'one every 100 ms'}: ${outcome} after 3 s`)
}

for (const times of [1, 30]) {
  const ioredis = new Redis({ port, host: '127.0.0.1', socketTimeout: 500, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false })
  ioredis.on('error', () => {})
  await ioredis.ping()
  await during('ioredis', times, () => ioredis.ping())
  ioredis.disconnect()
}
for (const times of [1, 30]) {
  const redis = createClient({ socket: { port, host: '127.0.0.1', socketTimeout: 500 }, disableOfflineQueue: true })
  redis.on('error', () => {})
  await redis.connect()
  await during('redis', times, () => redis.ping())
  redis.destroy()
}
JS
for i in $(seq 50); do redis-cli -p "$port" ping >/dev/null 2>&1 && break; sleep 0.1; done
seen=$(node seen.mjs "$port" "$server")
echo "$seen"
[ "$seen" = 'ioredis, one command: ended in time after 3 s
ioredis, one every 100 ms: ended in time after 3 s
redis, one command: ended in time after 3 s
redis, one every 100 ms: still open after 3 s' ]
