import { ShelflifeError } from '@shelflife/core'

/** Names the variable and what is allowed. Never what was received: any variable may hold a secret by mistake. */
export function refuse(variable: string, mustBe: string, options?: ErrorOptions): never {
  throw new ShelflifeError('invalid-option', `${variable} must be ${mustBe}`, options)
}

/** Two settings that cannot both be meant. */
export function contradict(variable: string, why: string): never {
  throw new ShelflifeError('invalid-option', `${variable} ${why}`)
}
