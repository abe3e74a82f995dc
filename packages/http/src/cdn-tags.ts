import type { HeaderList } from './header-list.ts'

/** A CDN that can purge by tag. */
export type CdnProvider = 'cloudflare' | 'fastly' | 'cloudfront' | 'akamai'

/** How a CDN takes tags, and how many. */
interface CdnCarrier {
  readonly header: string
  readonly separator: string
  /** What a tag cannot have in it as it is. */
  readonly escaped: RegExp
  readonly longestTag: number
  readonly mostTags: number
  readonly longestValue: number
}

/** Cloudflare and CloudFront do not tell letters apart by case, so capital letters are escaped for them. */
const CASELESS = /[^!-$&-+\--@[-~]/g

/** Documented limits, as of 2026. What is beyond them a CDN drops without a word. */
const carriers: Readonly<Record<CdnProvider, CdnCarrier>> = {
  // developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags: printable ASCII without spaces, 16 KB and about
  // 1,000 tags in all, 1,024 characters for a tag in a purge
  cloudflare: {
    header: 'Cache-Tag',
    separator: ',',
    escaped: CASELESS,
    longestTag: 1024,
    mostTags: 1000,
    longestValue: 16_000,
  },
  // fastly.com/documentation/reference/http/http-headers/Surrogate-Key: 1,024 bytes for a key, 16,384 in all
  fastly: {
    header: 'Surrogate-Key',
    separator: ' ',
    escaped: /[^!-$&-~]/g,
    longestTag: 1024,
    mostTags: Infinity,
    longestValue: 16_384,
  },
  // docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-tags.html: visible ASCII without
  // commas, 256 characters for a tag, 50 tags. `CacheTagConfig` of the distribution names the header; this is its default.
  cloudfront: {
    header: 'x-amz-meta-cache-tag',
    separator: ',',
    escaped: CASELESS,
    longestTag: 256,
    mostTags: 50,
    longestValue: 16_000,
  },
  // techdocs.akamai.com/purge-cache/docs/assign-cache-tags: the characters of a token without `*`, 128 characters for a
  // tag, 128 tags, one line; all header fields together have 8,192 bytes unless that was raised
  akamai: {
    header: 'Edge-Cache-Tag',
    separator: ',',
    escaped: /[^\w!#$&'+.^`|~-]/g,
    longestTag: 128,
    mostTags: 128,
    longestValue: 4096,
  },
}

/** The one tag of a response that has more or longer ones than its CDN takes. No encoded name is like it. */
const CROWDED = '%many'

/** By UTF-16 code unit, so that a half surrogate pair is told from a replacement character. */
function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0).toString(16)
  return code.length > 2 ? `%u${code.padStart(4, '0')}` : `%${code.padStart(2, '0')}`
}

/**
 * A full name such as `shop#catalog/tv` as the CDN can carry it: different names stay different, whatever is in them.
 * `undefined` when it is too long.
 */
function encodeCdnTag(provider: CdnProvider, name: string): string | undefined {
  const { escaped, longestTag } = carriers[provider]
  const encoded = name.replace(escaped, escapeUnit)
  return encoded.length <= longestTag ? encoded : undefined
}

/** A tag, and a namespace, is a path that everything above it invalidates too: `catalog/tv` → `catalog`, `catalog/tv`. */
const withAbove = (path: string): readonly string[] =>
  path.split('/').map((_, index, steps) => steps.slice(0, index + 1).join('/'))

/**
 * The header line by which a CDN can purge a response: its namespaces, its tags, and all that is above them, in full as
 * events have them (`shop`, `shop#catalog`, `shop#catalog/tv`). So an invalidation is one purge of the same name,
 * `clear` included, and namespaces do not purge each other's tags.
 *
 * A CDN drops tags beyond its limits, and a response that lost a tag would survive a purge. Such a response carries
 * none of its tags but a single one that every purge names: it is purged more often than it had to be, and never missed.
 *
 * @example
 * cdnTags('fastly', { namespace: 'shop', tags: ['catalog/tv'] })
 * // [['Surrogate-Key', 'shop shop#catalog shop#catalog/tv']]
 */
export function cdnTags(
  provider: CdnProvider,
  { namespace, tags }: { readonly namespace: string; readonly tags: readonly string[] },
): HeaderList {
  const { header, separator, mostTags, longestValue } = carriers[provider]
  const full = tags.flatMap((tag) => withAbove(tag).map((path) => `${namespace}#${path}`))
  const names = [...new Set([...withAbove(namespace), ...full])]
  const encoded = names.map((name) => encodeCdnTag(provider, name))
  const value = encoded.join(separator)
  const isCarried = names.length <= mostTags && value.length <= longestValue && !encoded.includes(undefined)
  return [[header, isCarried ? value : CROWDED]]
}

/**
 * What to purge for these names, in parts of at most `size`. A name that is too long is on no response, and every purge
 * takes the responses with it that could not carry their tags.
 */
export function purgeBatches(
  provider: CdnProvider,
  { names, size }: { readonly names: readonly string[]; readonly size: number },
): readonly (readonly string[])[] {
  const known = names.map((name) => encodeCdnTag(provider, name)).filter((tag) => tag !== undefined)
  const tags = [...new Set([...known, CROWDED])]
  const batches: (readonly string[])[] = []
  if (names.length === 0) return batches
  for (let at = 0; at < tags.length; at += size) batches.push(tags.slice(at, at + size))
  return batches
}
