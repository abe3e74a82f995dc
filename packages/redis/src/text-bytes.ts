/*
 * Bytes for clients whose arguments are text, such as JSON over HTTP. What is printable and needs no escape stands for
 * itself, every other byte for the character 256 above it, which is two bytes in UTF-8: half of random bytes, next to
 * nothing in most values. Base64 would be a third more of everything, and could not be undone by a script as fast.
 */

const PART = 8192
const [QUOTE, BACKSLASH] = [0x22, 0x5c]

const UNITS = Uint16Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH ? byte : byte + 256,
)

export function textOfBytes(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += PART) {
    const units = new Uint16Array(Math.min(PART, bytes.length - i))
    for (let at = 0; at < units.length; at++) units[at] = UNITS[bytes[i + at] as number] as number
    text += String.fromCharCode.apply(undefined, units as unknown as number[])
  }
  return text
}

/** Lua: `bytesOf(text)`, the other way round. */
export const BYTES_OF = `
local function bytesOf(text)
  local bytes = {}
  for byte = 0, 255 do
    bytes[string.char(196 + math.floor(byte / 64), 128 + byte % 64)] = string.char(byte)
  end
  return (string.gsub(text, '[\\196-\\199][\\128-\\191]', bytes))
end
`
