import leven from 'leven'

/** ` Did you mean …?`, where something is known that looks like it; otherwise nothing. */
export function suggestion(unknown: string, known: readonly string[]): string {
  const written = unknown.toLowerCase()
  const [closest] = known
    .map((name) => ({ name, distance: distance(written, name.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= Math.max(2, candidate.name.length / 3))
    .toSorted((a, b) => a.distance - b.distance)
  return closest ? ` Did you mean ${closest.name}?` : ''
}

/** What is written, or was left out where only the beginning is. */
function distance(written: string, name: string): number {
  return written.length > 2 && name.startsWith(written) ? 1 : leven(written, name)
}
