/** Decodes UTF-8 text in base64 or base64url, padded or not; `undefined` when it is neither. */
export function decodeBase64(text: string): string | undefined {
  try {
    const binary = atob(text.trim().replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, ''))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
