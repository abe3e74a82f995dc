import type { Lineage, Lineages } from './lineages.ts'
import type { RedisClient } from './redis-client.ts'

/** Which node has which slot, as far as names of it were asked for, and what is not believed of those that have come to it. */
export interface Slots<Node> {
  /** Whether the node had the slot of a name already when it was met last. The first one that is asked for a name of it has had it. */
  isSettled(name: string, node: Node): boolean
  /** The node has been met since the slot has come to it. */
  settle(name: string, node: Node): void
  /** On the clock of the node: what is older is not believed. */
  notBefore(name: string, node: Node): number
}

export function createSlots<Node extends { readonly lineage: Lineage }>(
  { slotOf }: Pick<RedisClient, 'slotOf'>,
  { boundOf }: Pick<Lineages, 'boundOf'>,
): Slots<Node> {
  const homes: Node[] = []
  const bounds: number[] = []

  function move(slot: number, node: Node): void {
    bounds[slot] = Math.max(bounds[slot] ?? 0, boundOf(homes[slot]?.lineage, node.lineage))
    homes[slot] = node
  }

  return {
    isSettled(name, node) {
      const slot = slotOf?.(name)
      if (slot === undefined) return true
      if (homes[slot] === undefined) move(slot, node)
      return homes[slot] === node
    },
    settle(name, node) {
      const slot = slotOf?.(name)
      if (slot !== undefined) move(slot, node)
    },
    notBefore(name, node) {
      const slot = slotOf?.(name)
      if (slot === undefined) return node.lineage.notBefore
      return homes[slot] === node ? Math.max(node.lineage.notBefore, bounds[slot] ?? 0) : Infinity
    },
  }
}
