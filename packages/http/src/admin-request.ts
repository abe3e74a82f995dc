/** Why a request is not carried out. */
export interface AdminRefusal {
  readonly status: 400 | 413 | 415
  readonly error: string
}

/** What is to be invalidated. */
export type AdminTarget = { readonly tags: readonly string[] } | { readonly key: string } | 'all'

const MOST_BYTES = 16 * 1024
const MOST_TAGS = 100
// of longer ones the beginning counts, so nobody needs to send more
const LONGEST_TAG = 1024
const LONGEST_KEY = 4096

const refusal = (error: string, status: AdminRefusal['status'] = 400): AdminRefusal => ({ status, error })

/** The text of a body, `undefined` when it is too long. Throws for what is not UTF-8. */
async function textOf(request: Request): Promise<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  let text = ''
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** A JSON object, told from a refusal by being in `body`. */
async function readJson(
  request: Request,
): Promise<{ readonly body: Readonly<Record<string, unknown>> } | AdminRefusal> {
  // a page of another site can send no other type without asking first, and is told nothing when it asks
  const type = (request.headers.get('content-type') ?? '').split(';', 1).join().trim().toLowerCase()
  if (type !== 'application/json') return refusal('the content type must be application/json', 415)
  try {
    const text = await textOf(request)
    if (text === undefined) return refusal(`the body must be at most ${MOST_BYTES} bytes`, 413)
    const body: unknown = JSON.parse(text)
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
    return isObject ? { body: body as Record<string, unknown> } : refusal('the body must be a JSON object')
  } catch {
    return refusal('the body must be JSON in UTF-8')
  }
}

const isTextUpTo = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= longest

/** The full key that `inspect` is asked for. */
export function keyToInspect(url: URL): string | AdminRefusal {
  const [key, ...others] = url.searchParams.getAll('key')
  const isGood = isTextUpTo(key, LONGEST_KEY) && others.length === 0
  return isGood
    ? key
    : refusal(`one query parameter 'key' with a full key of at most ${LONGEST_KEY} characters is needed`)
}

/** `{ "tags": [...] }` or `{ "key": "..." }`. */
export async function targetToInvalidate(request: Request): Promise<AdminTarget | AdminRefusal> {
  const json = await readJson(request)
  if ('error' in json) return json
  const [property, ...others] = Object.keys(json.body)
  if (others.length > 0 || (property !== 'tags' && property !== 'key')) {
    return refusal('the body must have one property, tags or key')
  }
  const { tags, key } = json.body
  if (property === 'key') {
    return isTextUpTo(key, LONGEST_KEY) ? { key } : refusal(`key must be text of at most ${LONGEST_KEY} characters`)
  }
  const isList = Array.isArray(tags) && tags.length > 0 && tags.length <= MOST_TAGS
  return isList && tags.every((tag) => isTextUpTo(tag, LONGEST_TAG))
    ? { tags }
    : refusal(`tags must be 1 to ${MOST_TAGS} texts of at most ${LONGEST_TAG} characters`)
}

/** `{ "all": true }`, so that nothing is cleared by an empty request. */
export async function targetToClear(request: Request): Promise<AdminTarget | AdminRefusal> {
  const json = await readJson(request)
  if ('error' in json) return json
  const isMeant = json.body['all'] === true && Object.keys(json.body).length === 1
  return isMeant ? 'all' : refusal('the body must be {"all":true}')
}
