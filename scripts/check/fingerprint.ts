import { createHash } from 'node:crypto'
import { glob, readFile, stat } from 'node:fs/promises'
import path from 'node:path'

/** A digest of the names and contents of all files that match. */
export async function fingerprint(folder: string, patterns: readonly string[]): Promise<string> {
  const files: string[] = []
  const exclude = ['**/node_modules', '**/dist']
  for await (const file of glob([...patterns], { cwd: folder, exclude })) files.push(file)
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const place = path.join(folder, file)
    if (!(await stat(place)).isFile()) continue
    hash.update(`${file}\0`).update(await readFile(place))
  }
  return hash.digest('hex')
}
