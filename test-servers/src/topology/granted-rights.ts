import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const README = fileURLToPath(new URL('../../../packages/redis/README.md', import.meta.url))

/** What the README says that a user needs on a Cluster, as rules of an ACL. */
export function grantedRights(): string {
  const section = readFileSync(README, 'utf8').split('## What to grant')[1]?.split('\n## ')[0] ?? ''
  const [, block = '', text = ''] = section.split('```')
  const more = [...text.matchAll(/`(\+[^`]+)`/g)].map(([, rules]) => rules)
  if (block === '') throw new Error('the README says nothing about rights')
  return [block, ...more].join(' ').split(/\s+/).filter(Boolean).join(' ')
}
