import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { MarkdownDocument } from './markdown.ts'

/**
 * Finds links of documents into nowhere: files that do not exist, headings that are not there. What is on
 * the web is not asked for.
 *
 * @param documents by their path, relative to `folder`
 * @returns one line for each, beginning with where it stands
 */
export async function brokenLinks(
  folder: string,
  documents: ReadonlyMap<string, MarkdownDocument>,
): Promise<string[]> {
  const problems: string[] = []
  for (const [file, { links }] of documents) {
    for (const { target, line } of links) {
      if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(target)) continue
      const [address = '', anchor] = decodeURI(target).split('#')
      const from = address.startsWith('/') ? '.' : path.posix.dirname(file)
      const found = address === '' ? file : path.posix.join(from, address.split('?', 1)[0] ?? '')
      const exists = await stat(path.join(folder, found)).then(
        () => true,
        () => false,
      )
      if (!exists) problems.push(`${file}:${line}: there is no ${found}`)
      else if (anchor && documents.get(found)?.anchors.has(anchor) === false) {
        problems.push(`${file}:${line}: there is no heading #${anchor} in ${found}`)
      }
    }
  }
  return problems
}
