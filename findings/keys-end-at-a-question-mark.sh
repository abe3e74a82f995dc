#!/usr/bin/env bash
# Expected: a key-value storage keeps `/products?page=1` and `/products?page=2`, which are what an HTTP cache has for
# keys, as two items, and a text as the text it was.
# Seen (unstorage 1.17.6): what comes after the question mark is no part of the key, so both are one item, and the second value
# answers for the first. A text that looks like JSON comes back as what it looks like: 'true' as a boolean, '1e3' as 1000, 'null' as
# nothing there. The `ttl` that the drivers on Redis heed is taken by the one in memory without a word, and the item never ends.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund unstorage@1.17.6 >/dev/null

cat >seen.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStorage } from 'unstorage'

const storage = createStorage()
await storage.setItem('/products?page=1', 'first page')
await storage.setItem('/products?page=2', 'second page')
console.log('/products?page=1:', await storage.getItem('/products?page=1'))
console.log('keys:', (await storage.getKeys()).join())
for (const text of ['true', '007', '1e3', 'null']) {
  await storage.setItem('text', text)
  console.log(`'${text}' comes back as`, JSON.stringify(await storage.getItem('text')))
}
await storage.setItem('short', 'value', { ttl: 1 })
await sleep(1500)
console.log('1.5 s after a ttl of 1 s:', await storage.getItem('short'))
JS
seen=$(node seen.mjs)
echo "$seen"
[ "$seen" = "/products?page=1: second page
keys: products
'true' comes back as true
'007' comes back as \"007\"
'1e3' comes back as 1000
'null' comes back as null
1.5 s after a ttl of 1 s: value" ]
