import type { Codec } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { expect } from 'vitest'

async function thrown(action: () => unknown): Promise<ShelflifeError> {
  try {
    await action()
  } catch (error) {
    if (error instanceof ShelflifeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Expects a value to be refused, and returns the message. */
export async function refusal(codec: Codec, value: unknown): Promise<string> {
  const { code, message } = await thrown(() => codec.encode(value))
  expect(code).toBe('unsupported-value')
  return message
}

/** Expects bytes not to be read, and returns the message. */
export async function complaint(codec: Codec, bytes: Uint8Array): Promise<string> {
  const { code, message } = await thrown(() => codec.decode(bytes))
  expect(code).toBe('corrupt-envelope')
  return message
}

/** Expects an option to be refused, and returns the message. */
export async function objection(construct: () => unknown): Promise<string> {
  const { code, message } = await thrown(construct)
  expect(code).toBe('invalid-option')
  return message
}
