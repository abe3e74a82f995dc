#!/usr/bin/env bash
# Expected: a library that hashes values, for keys of a cache among others, gives different values different hashes, up to chance, and
# equal values the same one.
# Seen (hash-it 7.0.2, hash-object 5.1.0, ohash 2.0.12, object-hash 3.0.0), always and not by chance:
#   hash-it ("unique hashCode for any object type") does not mark where an inner list ends: the arguments `[[1, 2], 3]` and `[[1, 2, 3]]` are the
#     same, so `load(ids, limit)` answers for `load(ids)`. An ArrayBuffer is read as UTF-8 first: all bytes that are none are one.
#   hash-object makes `{}` of each Date and URL, so two days are one key, although `JSON.stringify`, which it is built on, would tell them apart.
#   ohash, whose hashes are keys in Nitro, puts texts between quotes and leaves the quotes in them as they are: a list of two is
#     the list of one that joins them for an `IN ('…')`.
#   object-hash and hash-it the other way around: an object that stands in a value twice (`{ from: day, to: day }`) is a reference the second
#     time, so an equal value that was parsed from JSON has another hash, and what was stored is not found.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund hash-it@7.0.2 hash-object@5.1.0 ohash@2.0.12 object-hash@3.0.0 >/dev/null

cat >seen.mjs <<'JS'
import { hash as hashIt } from 'hash-it'
import hashObject from 'hash-object'
import objectHash from 'object-hash'
import { hash as ohash } from 'ohash'

const libraries = { 'hash-it': hashIt, 'hash-object': hashObject, ohash, 'object-hash': objectHash }
const bytes = (...values) => new Uint8Array(values).buffer
const day = new Date('2026-01-01')
const pairs = {
  'an item in or behind an inner list': [[[1, 2], 3], [[1, 2, 3]]],
  'two days': [{ since: day }, { since: new Date('2026-06-01') }],
  'two URLs': [{ url: new URL('https://a.example/') }, { url: new URL('https://b.example/') }],
  'two texts, or one that joins them': [['new', 'open'], [['new', 'open'].join("','")]],
  'two buffers': [{ bytes: bytes(0xff, 1) }, { bytes: bytes(0xfe, 1) }],
}
for (const [what, values] of Object.entries(pairs)) {
  const same = Object.keys(libraries).filter((name) => libraries[name](values[0]) === libraries[name](values[1]))
  console.log(`different, ${what}: the same for ${same.join(', ')}`)
}
const other = (a, b) => Object.keys(libraries).filter((name) => libraries[name](a) !== libraries[name](b))
console.log(`equal, one day twice: different for ${other({ from: day, to: day }, { from: day, to: new Date(day) }).join(', ')}`)
const price = { amount: 5 }
console.log(`equal, one object twice: different for ${other([price, price], [price, { ...price }]).join(', ')}`)
JS
seen=$(node seen.mjs)
echo "$seen"
[ "$seen" = 'different, an item in or behind an inner list: the same for hash-it
different, two days: the same for hash-object
different, two URLs: the same for hash-it, hash-object
different, two texts, or one that joins them: the same for ohash
different, two buffers: the same for hash-it, hash-object
equal, one day twice: different for object-hash
equal, one object twice: different for hash-it, object-hash' ]
