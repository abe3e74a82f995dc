/** How things are called in Redis. What stands in braces decides the slot of a Cluster. */
export interface Names {
  entry(key: string): string
  /** In the slot of the entry. */
  fence(key: string): string
  /** All tags are in one slot, so that their ids, the log and the messages change in one step. */
  tag(tag: string): string
  isTag(name: string): boolean
  readonly log: string
  readonly channel: string
}

/** Redis keys are bytes: half of a surrogate pair would become U+FFFD, and two names one. */
const bytesOf = (name: string): string => (name.isWellFormed() ? `{${name}}` : `u{${JSON.stringify(name)}}`)

export function createNames(prefix: string): Names {
  const tags = `{${prefix}}:t`
  return {
    entry: (key) => `${prefix}:${bytesOf(key)}`,
    fence: (key) => `${prefix}:${bytesOf(key)}:f`,
    tag: (tag) => `${tags}${bytesOf(tag)}`,
    isTag: (name) => name.startsWith(tags),
    log: `{${prefix}}:log`,
    channel: `{${prefix}}:bus`,
  }
}
