/** Bytes in use after a full collection. Needs `--expose-gc`. */
export function heapUsed(): number {
  if (!globalThis.gc) throw new Error('Expected to run with --expose-gc: npm run bench -- NAME does')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Prints rows in columns, the first row as their heads. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
  }
}
