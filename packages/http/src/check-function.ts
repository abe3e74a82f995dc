import { refuseOption } from '@shelflife/core/integration'

/** @throws ShelflifeError `invalid-option` */
export function checkFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') refuseOption(option, 'a function', value)
}
