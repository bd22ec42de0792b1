/** The JSON of all parts that have come whole: those that the boundary ends. */
export function partsIn(text: string): readonly object[] {
  return text
    .split('\r\n--graphql')
    .slice(0, -1)
    .flatMap((part) => {
      const [, json] = part.split('\r\n\r\n')
      return json === undefined ? [] : [JSON.parse(json) as object]
    })
}
