const isLatin1 = (text: string): boolean => {
  // one look at the start: reading every character would cost more than the answer is worth
  for (let i = 0; i < text.length && i < 32; i++) if (text.charCodeAt(i) > 255) return false
  return true
}

/** Estimated bytes of a text, on its own. */
export const sizeOfText = (text: string): number => 16 + 8 * Math.ceil((text.length * (isLatin1(text) ? 1 : 2)) / 8)
