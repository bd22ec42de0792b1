/** What the text is as JSON, or `undefined` when it is empty or no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
