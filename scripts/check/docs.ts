import { glob, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { brokenLinks } from './broken-links.ts'
import { invalidGraphQL } from './graphql-fences.ts'
import { readMarkdown, type MarkdownDocument } from './markdown.ts'
import { root, runCommand } from './run-command.ts'
import type { StepResult } from './step.ts'

const folder = path.join(root, 'node_modules/.cache/docs')

/** Checks that the links of all documents lead somewhere, and that the code they show compiles or is valid. */
export async function checkDocs(signal: AbortSignal): Promise<StepResult> {
  const documents = await readDocuments()
  const problems = [
    ...(await brokenLinks(root, documents)),
    ...(await invalidGraphQL(root, 'packages/gateway/schema-with-mutations.graphql', documents)),
  ]
  const { files, ignored } = await writePrograms(documents)
  const { ok, output } = await compile(files, signal)
  return {
    ok: ok && problems.length === 0,
    output: [...problems, inTermsOfDocuments(output)].join('\n'),
    note: `${documents.size} documents, ${files.length} programs compiled, ${ignored} fences ignored`,
  }
}

async function readDocuments(): Promise<Map<string, MarkdownDocument>> {
  const exclude = ['**/node_modules', '**/dist', '.changeset', '**/CHANGELOG.md']
  const documents = new Map<string, MarkdownDocument>()
  for await (const file of glob('**/*.md', { cwd: root, exclude })) {
    documents.set(file.split(path.sep).join('/'), readMarkdown(await readFile(path.join(root, file), 'utf8')))
  }
  return documents
}

/**
 * Writes the code as programs, on the lines that it has in its document. One that imports something begins a
 * program, one that does not goes on with the one before it, and ` ```ts ignore ` leaves one out.
 */
async function writePrograms(
  documents: ReadonlyMap<string, MarkdownDocument>,
): Promise<{ files: string[]; ignored: number }> {
  await rm(folder, { recursive: true, force: true })
  const sources = new Map<string, string>()
  let ignored = 0
  for (const [document, { fences }] of documents) {
    let file = ''
    for (const { language, tags, code, line } of fences) {
      if (language !== 'ts' && language !== 'typescript') continue
      if (tags.includes('ignore')) {
        ignored++
        continue
      }
      if (file === '' || /^import /m.test(code)) file = `${document}/${line}.ts`
      const before = sources.get(file) ?? ''
      sources.set(file, `${before}${'\n'.repeat(Math.max(0, line - before.split('\n').length))}${code}\n`)
    }
  }
  for (const [file, source] of sources) {
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true })
    // A module, also where it imports nothing.
    await writeFile(path.join(folder, file), `${source}export {}\n`)
  }
  return { files: [...sources.keys()], ignored }
}

async function compile(
  files: readonly string[],
  signal: AbortSignal,
): Promise<{ ok: boolean; output: string }> {
  if (files.length === 0) return { ok: true, output: '' }
  await linkDependencies()
  const config = {
    extends: path.join(root, 'tsconfig.base.json'),
    compilerOptions: {
      composite: false,
      noEmit: true,
      // A fence shows one thing and leaves what comes of it to the reader.
      noUnusedLocals: false,
      types: ['node'],
      typeRoots: [path.join(root, 'node_modules/@types')],
    },
    files,
  }
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  return runCommand('tsc', ['--project', folder, '--pretty', 'false'], { signal })
}

/** Makes importable what a reader would have installed: the packages, and what they depend on. */
async function linkDependencies(): Promise<void> {
  for (const name of await readdir(path.join(root, 'packages'))) {
    const home = path.join(root, 'packages', name)
    const modules = path.join(home, 'node_modules')
    const manifest = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8')) as { name: string }
    await link(home, manifest.name)
    for await (const dependency of glob(['[!.@]*', '@*/*'], { cwd: modules })) {
      await link(path.join(modules, dependency), dependency)
    }
  }
}

async function link(target: string, name: string): Promise<void> {
  const place = path.join(folder, 'node_modules', name)
  await mkdir(path.dirname(place), { recursive: true })
  await symlink(target, place, 'junction').catch((error: NodeJS.ErrnoException) => {
    // Two packages have the same dependency: one of them will do.
    if (error.code !== 'EEXIST') throw error
  })
}

/** The compiler speaks of files in the cache: turns `…/docs/README.md/12.ts(14,3)` into `README.md:14:3`. */
function inTermsOfDocuments(output: string): string {
  return output.replaceAll(/\S*node_modules\/\.cache\/docs\/(\S+)\/\d+\.ts\((\d+),(\d+)\)/g, '$1:$2:$3')
}
